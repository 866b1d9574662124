"""What a password must be, and how it is hashed and checked."""

from __future__ import annotations

import re
import threading
import unicodedata
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.errors import InvalidInputError
from app.models.accounts import User

SHORTEST = 12
LONGEST = 128

# Argon2id above the floor that OWASP names (19 MiB, two passes, one lane), yet small enough for
# two hashes at once in a web process of 160 MB.
MEMORY_KIB, PASSES, LANES = 32 * 1024, 3, 1
_HASHER = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)

# Each hash takes tens of megabytes for a moment: more than two at once would make a small
# machine swap, and waiting is what a flood of sign-ins deserves.
_AT_ONCE = threading.BoundedSemaphore(2)

# Words that long passwords are most often built from. A password is refused when nothing
# worth guessing is left after taking them, digits and signs away.
_COMMON_WORDS = """
password passwort passphrase passw0rd letmein welcome iloveyou trustno1 administrator admin root
login secret default changeme qwertyuiop qwerty qwertz azerty asdfghjkl asdfgh asdf zxcvbnm
zxcvbn qazwsx qazwsxedc abcdefghijklmnopqrstuvwxyz abcdefgh abcdef abcd superman batman
spiderman starwars pokemon dragon monkey football baseball basketball liverpool arsenal chelsea
barcelona princess sunshine shadow master michael jessica charlie jennifer thomas jordan hunter
ranger buster tigger soccer hockey killer george andrew daniel joshua matthew ashley summer
winter spring autumn january february march april june july august september october november
december monday tuesday wednesday thursday friday saturday sunday whatever freedom mustang
corvette ferrari mercedes computer internet samsung google facebook microsoft windows linkedin
twitter instagram myspace newsroom newspaper editor reviewer viewer annotator copydesk desk
labelstudio label studio server database test testing tester example sample demo guest user
username hello goodbye please enter access correct horse battery staple love lovely baby angel
flower cookie cheese chocolate coffee banana orange pepper ginger beautiful forever family
friends friend happy lucky money jesus christ heaven god the and for you this that mypassword
mypass pass word my is it one two three
"""
_LEET = str.maketrans("013457@$!", "oieastasi")
_LONGEST_FIRST = re.compile("|".join(sorted(_COMMON_WORDS.split(), key=len, reverse=True)))


def check_new(password: str, *, email: str) -> str:
    """A new password in the form that is hashed.

    Args:
        password: as typed; any character counts, spaces too.
        email: whose it will be; a password made of the address is refused.

    Raises:
        InvalidInputError: too short, too long, or among the first that anybody would try.
    """
    password = _normal(password)
    if not SHORTEST <= len(password) <= LONGEST:
        raise InvalidInputError(
            f"A password has {SHORTEST} to {LONGEST} characters; this one has {len(password)}.",
            remedy="Four or five unrelated words make a good one.",
        )
    if _is_guessable(password, email):
        raise InvalidInputError(
            "This password is too easy to guess.",
            remedy="Four or five unrelated words, without the e-mail address, make a good one.",
        )
    return password


def prepared(password: str, *, email: str) -> str:
    """The hash of a new password, once it is found good enough (``check_new``)."""
    return hashed(check_new(password, email=email))


def hashed(password: str) -> str:
    """The Argon2id hash of a password, with its parameters and salt in it."""
    with _AT_ONCE:
        return _HASHER.hash(_normal(password))


def matches(user: User | None, password: str) -> bool:
    """Whether this is the user's password; takes as long for a user who does not exist."""
    password = _normal(password[: LONGEST + 1])
    if user is None or not user.active or not user.password:
        hashed(password)
        return False
    with _AT_ONCE:
        try:
            return _HASHER.verify(user.password, password)
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(password_hash: str) -> bool:
    """Whether a hash was made with weaker parameters than those of today."""
    return _HASHER.check_needs_rehash(password_hash)


def _normal(password: str) -> str:
    # However the keyboard composed its characters.
    return unicodedata.normalize("NFKC", password)


def _is_guessable(password: str, email: str) -> bool:
    folded = password.casefold()
    for part in re.split(r"[@.\-_+]", email.casefold()):
        if len(part) > 2:
            folded = folded.replace(part, "")
    return any(_is_poor(_LONGEST_FIRST.sub("", text)) for text in (folded, folded.translate(_LEET)))


def _is_poor(rest: str) -> bool:
    letters = re.sub(r"[^\w]|[\d_]", "", rest)
    varied = len(set(rest))
    return (len(letters) < 4 and varied < 8) or varied < 5 or _is_run(rest)


def _is_run(text: str) -> bool:
    """Whether most neighbours follow each other in the alphabet or on the number row."""
    steps = [ord(b) - ord(a) for a, b in pairwise(text)]
    return bool(steps) and sum(abs(step) <= 1 for step in steps) * 4 > len(steps) * 3
