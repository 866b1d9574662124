"""The closed word classes that attribution leans on: function words, never content of one story."""

from __future__ import annotations


def word_set(words: str) -> frozenset[str]:
    """Return the words of a line as a set."""
    return frozenset(words.split())


PRONOUNS = word_set(
    "he she they we i you it who others some many most several one both others nobody"
)
PEOPLE_PRONOUNS = word_set("he she they we i you")
RELATIVES = word_set("who which that")
DETERMINERS = word_set(
    "the a an this that these those his her its their our my your another some any several many"
    " most other one two three four five six both each every no all few"
)
PREPOSITIONS = word_set(
    "of for at from in with on by to under against about into over near across behind inside"
    " between among through within without during after before since until upon amid despite"
    " toward towards throughout along around like outside beyond per via"
)
LINKS = word_set("of for at from in with on to")
CONJUNCTIONS = word_set("and but or nor yet then so plus")
# Where a noun phrase cannot go on: auxiliaries, subordinators, pronouns, common adverbs.
STOPS = CONJUNCTIONS | word_set(
    "that when while because as if although though whether where why how what which who whom"
    " whose than not never is are was were be been being am has have had having do does did will"
    " would can could may might must shall should he she they we i you it him them us me himself"
    " herself themselves itself there here also later even still just only now again too already"
    " once ever often yesterday today tomorrow tonight recently however instead meanwhile"
)
# What may stand between a subject and its verb.
BETWEEN = word_set(
    "also has had have having would will could might may did does do not never once later then"
    " again often ever since even still just recently already yesterday today tonight once is was"
    " are were been be being himself herself themselves itself first finally both simply all"
    " reportedly further earlier previously publicly in turn as to"
) - word_set("in as to")
TIMES = word_set(
    "monday tuesday wednesday thursday friday saturday sunday january february march april june"
    " july august september october november december jan feb mar apr jun jul aug sept sep oct"
    " nov dec mon tues wed thurs fri sat sun week weekend month year night morning afternoon"
    " evening day today tonight yesterday earlier last"
)
PARTICLES = word_set("de la le van von der den bin bint al el del della da di du dos ibn ben ter y")
TITLES = word_set(
    "mr mrs ms miss dr prof sen sens rep reps gov govs gen lt col maj capt sgt cpl adm rev sr jr"
    " st hon pres cmdr supt det insp dep atty messrs mme fr"
)
ABBREVIATIONS = TITLES | word_set(
    "inc corp co ltd vs jan feb mar apr jun jul aug sept sep oct nov dec no vol fig etc dept"
    " ave blvd rd mt ft ala ariz ark calif colo conn del fla ga ill ind kan ky la md mass mich"
    " minn miss mo mont neb nev okla ore pa penn tenn tex va vt wash wis wyo"
)
ROLES = word_set(
    "president vice candidate nominee senator governor congressman congresswoman spokesman"
    " spokeswoman spokesperson manager director chief chairman chairwoman chair secretary"
    " minister mayor judge justice attorney lawyer counsel professor analyst expert adviser"
    " advisor aide official officials officer police leader leaders executive founder owner"
    " author activist reporter host correspondent columnist editor critic critics supporter"
    " supporters source sources student teacher doctor nurse farmer resident residents voter"
    " voters witness witnesses sister brother mother father wife husband son daughter friend"
    " former deputy senior then-candidate rival running mate campaign strategist pollster coach"
    " player captain economist historian scientist researcher researchers bishop pope king queen"
    " prince princess ambassador general colonel sheriff commissioner councillor lawmaker"
    " lawmakers prosecutor prosecutors investigators authorities democrats republicans"
    " opponents people women men organizers organisers experts analysts colleague colleagues"
    " neighbor neighbour neighbors neighbours protesters aides advisers advisors deputies"
    " ministers judges unions union company department agency ministry office report statement"
    " study court panel committee council board group team government administration network"
    " newspaper magazine poll survey letter letters memo documents tweet article book film"
)
NOT_SPEAKERS = word_set("there what this that these those it which here") | TIMES
# Openings of a phrase that belongs to the name before it.
APPOSITION = word_set(
    "a an the who whose which where one another himself herself of for from in at on with by"
    " former speaking while as when now then also age aged and not like including formerly"
    " himself during after before referring according citing his her their its"
)
LEAD_INS = PREPOSITIONS | word_set(
    "when while as if although though because once asked speaking earlier later meanwhile"
    " however still but and so yet then also instead yesterday today"
)
