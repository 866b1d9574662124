"""The card of a dataset: a README for people and for the Hugging Face hub, from the manifest.

It says what the numbers of the manifest say, in the sections of a Data Statement and of a
Datasheet. What nobody recorded is called "not recorded" and never guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from labeling.datasets.formats import format_info

_UNKNOWN = "not recorded"
_SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
)
_STATES = {
    "reviewed": "Only passages that a reviewer has settled are in it.",
    "annotated": "Passages that nobody reviewed are in it too; their gold holds only what all "
    "who answered agree on, and their `state` is `annotated`.",
    "any": "All passages that were dealt are in it; `state` says what became of each.",
}
MODES = {
    "servers": "each annotator on a server of their own",
    "lanes": "each annotator in a project of their own",
    "none": "annotators in one shared project, where they see each other's work",
}
"""How annotators were kept apart, in words."""

REASONS = {
    "retracted": "their article was retracted",
    "language": "their article is in another language",
    "date": "their article was published at another time",
    "not_reviewed": "nobody has reviewed them",
    "not_annotated": "nobody has answered them",
    "second_look_due": "a second reviewer has not looked at them yet",
}


def write_card(manifest: Mapping[str, Any]) -> str:
    """Write the card.

    Args:
        manifest: of an export of a release.

    Returns:
        Markdown with a YAML head.
    """
    return "\n".join([*_head(manifest), "", *_body(manifest)]) + "\n"


def _head(manifest: Mapping[str, Any]) -> Iterator[str]:
    languages = manifest["plan"]["languages"] or manifest.get("languages") or []
    yield "---"
    yield f"pretty_name: {_quoted(manifest['dataset'])}"
    yield f"license: {_quoted(manifest['licence'] or 'unknown')}"
    if languages:
        yield "language:"
        yield from (f"- {_quoted(language)}" for language in languages)
    yield "task_categories:"
    yield "- token-classification"
    yield "size_categories:"
    yield f"- {_size(manifest['counts']['records'])}"
    if manifest["form"] in ("jsonl", "parquet"):
        yield "configs:"
        yield "- config_name: default"
        yield "  data_files:"
        for split in manifest["counts"]["splits"]:
            yield f"  - split: {split}"
            yield f"    path: data/{split}.{manifest['form']}"
    yield "---"


def _body(manifest: Mapping[str, Any]) -> Iterator[str]:
    counts, plan = manifest["counts"], manifest["plan"]
    yield f"# {manifest['dataset']} {manifest['version']}"
    yield ""
    yield f"{counts['records']} passages of {manifest['articles']} news articles, with "
    yield f"{counts['spans']} spans and {counts['relations']} relations. {_STATES[plan['state']]}"
    if manifest["notes"]:
        yield ""
        yield str(manifest["notes"])
    yield from _section("Composition")
    yield "| split | passages |"
    yield "|---|---|"
    yield from (f"| {split} | {number} |" for split, number in counts["splits"].items())
    yield ""
    yield from _left_out(manifest["passages"])
    yield from _labels(manifest.get("figures"))
    yield from _section("Annotation")
    for scheme in manifest["schemes"]:
        yield f"- {scheme['batch']}: scheme {scheme['scheme']}, version {scheme['version']}"
    yield ""
    yield "How each gold span was settled stands beside it: `unanimous` and `single` without a"
    yield "decision of a reviewer, `majority`, `chosen`, `edited` and `added` by one. Annotators"
    yield f"are {'named' if plan['names'] else 'pseudonyms'}."
    yield from _people(manifest.get("figures"))
    yield from _agreement(manifest)
    yield from _blindness(manifest)
    yield from _section("Splits")
    yield from _splits(plan["split"], manifest["moved"])
    yield from _section("Data statement")
    yield f"- Curation: {plan['state']} passages of {', '.join(plan['batches'])}"
    yield f"- Language: {', '.join(plan['languages']) or _UNKNOWN}"
    yield f"- Speakers and annotators (demographics): {_UNKNOWN}"
    yield "- Text: news, cut into passages; the original words are kept"
    yield from _section("Licence and limits")
    yield f"- Licence: {manifest['licence'] or _UNKNOWN}"
    yield "- A loaded term is worth a look; that it is marked says nothing about the article."
    if plan["offsets_only"]:
        yield "- The words are not in it: offsets, URLs and hashes only."
    yield from _section("This copy")
    yield f"Format: {manifest['form']} ({format_info(manifest['form']).holds})"
    for loss in manifest["report"]:
        yield f"- {loss['count']} × {loss['kind']}: {loss['why']}"
    yield ""
    yield f"sha256 of the records: `{manifest['records_sha256']}`. Whoever has Copydesk can check"
    yield "this folder with `flask datasets verify DIR`."


def _section(title: str) -> Iterator[str]:
    yield ""
    yield f"## {title}"
    yield ""


def _left_out(passages: Mapping[str, Any]) -> Iterator[str]:
    if not passages["dropped"]:
        yield f"All {passages['in']} passages of the batches are in it."
        return
    yield f"Of {passages['in']} passages of the batches, {passages['out']} are in it. Left out:"
    yield ""
    for reason, number in passages["dropped"].items():
        yield f"- {number}: {REASONS.get(reason, reason)}"


def _labels(figures: Mapping[str, Any] | None) -> Iterator[str]:
    yield ""
    yield "### Labels"
    yield ""
    if figures is None:
        yield f"Spans by label and by voice: {_UNKNOWN}"
        return
    yield "| layer | label | spans | by split |"
    yield "|---|---|---|---|"
    for one in figures["labels"]:
        parts = told(one["splits"])
        yield f"| {one['layer']} | {one['label']} | {one['spans']} | {parts} |"
    if figures["voices"]:
        yield ""
        yield "Whose words they stand in:"
        yield ""
        yield "| layer | label | voices |"
        yield "|---|---|---|"
        for one in figures["voices"]:
            yield f"| {one['layer']} | {one['label']} | {told(one['voices'])} |"


def _people(figures: Mapping[str, Any] | None) -> Iterator[str]:
    yield ""
    if figures is None:
        yield f"- Annotators: {_UNKNOWN}"
        return
    yield f"- Annotators: {figures['annotators']}"
    yield f"- Gold spans, how settled: {told(figures['settled']) or _UNKNOWN}"
    yield f"- Gold spans, where from: {told(figures['origins']) or _UNKNOWN}"


def _blindness(manifest: Mapping[str, Any]) -> Iterator[str]:
    """What kept annotators apart, what speaks against it, and what suggestions did."""
    yield ""
    yield "### Apart from each other, and from suggestions"
    yield ""
    if not manifest.get("blindness"):
        yield f"- Whether annotators worked apart: {_UNKNOWN}"
    for batch, found in (manifest.get("blindness") or {}).items():
        yield f"- {batch}: {MODES[found['mode']]}; {found['flagged']} answers bear signs against it"
        yield "  and are kept out of agreement. Label Studio cannot stop a member from opening"
        yield "  another project: what leaves no sign is not seen."
    effects = manifest.get("effect_of_suggestions") or {}
    if not effects:
        yield f"- Effect of suggestions on agreement: {_UNKNOWN} (it takes a control slice)"
    for batch, layers in effects.items():
        for layer, figure in layers.items():
            shown = figure_text(figure).replace(" |", ",")
            yield f"- {batch}, {layer}: agreement with suggestions less without: {shown}"


def told(counts: Mapping[str, int]) -> str:
    """Counts in words: ``3 train, 1 test``."""
    return ", ".join(f"{number} {name}" for name, number in counts.items())


def _splits(split: Mapping[str, Any], moved: list[Any]) -> Iterator[str]:
    if split["method"] == "none":
        yield "It is not split."
        return
    shares = "/".join(str(share) for share in split["shares"])
    yield f"By {split['method']}, {shares} per cent, seed {split['seed']}. Passages of one article,"
    yield "of one story and of near-duplicate articles are never in two splits."
    if moved:
        yield f"{len(moved)} groups grew together since the last release and were moved."


def _agreement(manifest: Mapping[str, Any]) -> Iterator[str]:
    """One line a layer and batch, with n and interval, from the same report as the page."""
    reports = manifest.get("agreement") or {}
    yield ""
    yield "### Agreement"
    yield ""
    if not reports:
        yield f"Agreement between annotators: {_UNKNOWN}"
        return
    yield "| batch | layer | figure | value | 95 % interval | n |"
    yield "|---|---|---|---|---|---|"
    for batch, layers in reports.items():
        for layer, figures in layers.items():
            for name, figure in figures.items():
                yield f"| {batch} | {layer} | {name} | {figure_text(figure)} |"


def figure_text(figure: Mapping[str, Any]) -> str:
    """A figure as three cells: value, interval, n; or the reason why there is none."""
    if figure["value"] is None:
        return f"— | {figure['reason']} | {figure['n']}"
    low, high = figure["ci95"]
    return f"{figure['value']:.3f} | {low:.3f}–{high:.3f} | {figure['n']}"


def _size(records: int) -> str:
    return next((name for limit, name in _SIZES if records < limit), "n>10M")


def _quoted(text: str) -> str:
    """A YAML string that cannot be taken for anything else."""
    return '"' + str(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'
