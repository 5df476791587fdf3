"""`visualsearch packet make|show|answer|collect|merge`: have a queue judged on another machine."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from visualsearch import console
from visualsearch.cli.options import OK, PATH, SOME_REFUSED, catalog_argument, json_option
from visualsearch.errors import UsageError
from visualsearch.words import counted

if TYPE_CHECKING:
    from visualsearch.attributes.packet_format import Held, Packet
    from visualsearch.attributes.packet_merge import Merged
    from visualsearch.attributes.packets import State
    from visualsearch.workspace import Workspace

_SHOWN = 20
_FILE = PATH
packet_argument = click.argument("packet", metavar="PACKET", type=_FILE)
out_option = click.option("--out", type=_FILE, required=True, metavar="FILE", help="The file to write.")
actor_option = click.option(
    "--actor", metavar="NAME", help="Who decides; else the settings' name, or the login."
)


@click.group("packet")
def packet_group() -> None:
    """Have a queue judged on another machine, and bring the decisions home.

    `make` writes a queue to a file. On a machine with the same catalog or a copy of it, people judge its items in the
    window or with `answer`, and `collect` writes their decisions to a file. `merge` applies such files here.
    """


@packet_group.command()
@catalog_argument
@click.option("--suggest", default="", metavar="ATTRIBUTE=VALUE", help="Items that may deserve a value.")
@click.option("--suspects", default="", metavar="ATTRIBUTE", help="Items whose value looks wrong.")
@click.option("--estimate", default="", metavar="NAME", help="The items that an estimate asks about next.")
@click.option(
    "--attribute", default="", metavar="NAME", help="An attribute to judge of the items of --where."
)
@click.option(
    "--where",
    multiple=True,
    metavar="EXPR",
    help="Only items that meet a condition; with --suggest, exactly these are asked about.",
)
@click.option(
    "--limit", type=click.IntRange(1), default=200, show_default=True, help="At most so many items."
)
@out_option
@json_option
def make(catalog: Path, out: Path, as_json: bool, where: tuple[str, ...], **options: Any) -> int:
    """Write a queue of CATALOG to a work packet."""
    from visualsearch.attributes.packets import PacketRequest
    from visualsearch.workspace import Workspace

    request = PacketRequest(where=where, **options)
    with Workspace.open(catalog) as workspace, console.running_job() as control:
        packet = workspace.packets.make(request, out, control, _actor(None))
    if as_json:
        console.print_json(
            {"packet": packet.about.packet, "about": str(packet.about), "items": len(packet.items)}
        )
    else:
        console.say(f"{out} asks about {counted(len(packet.items), 'item')}: {packet.about}.")
    return OK


@packet_group.command()
@catalog_argument
@packet_argument
@json_option
def show(catalog: Path, packet: Path, as_json: bool) -> int:
    """Show the items of PACKET and what was decided about them in CATALOG."""
    from visualsearch.attributes.packet_format import read_packet
    from visualsearch.workspace import Workspace

    found = read_packet(packet)
    with Workspace.open(catalog) as workspace, console.running_job() as control:
        states = workspace.packets.states(found, control)
    if as_json:
        console.print_json([_state(state) for state in states])
        return OK
    for state in states:
        decided = (
            state.judged.label if state.judged else "not decided" if state.there else "not in this catalog"
        )
        hint = f" (perhaps {', '.join(state.asked.suggested)})" if state.asked.suggested else ""
        console.say(f"{state.asked.id:<16}  {_held(state.asked.given)}{hint} · {decided}")
    return OK


@packet_group.command()
@catalog_argument
@packet_argument
@click.argument("answers", nargs=-1, required=True, metavar="ID=ANSWER…")
@actor_option
@json_option
def answer(catalog: Path, packet: Path, answers: tuple[str, ...], actor: str | None, as_json: bool) -> int:
    """Decide about items of PACKET in CATALOG.

    The answers are yes, no, unsure for suggestions; right, wrong, unsure for an estimate; otherwise keep, unsure or
    the value that the item should have.
    """
    from visualsearch.attributes.packet_format import read_packet
    from visualsearch.workspace import Workspace

    found = read_packet(packet)
    with Workspace.open(catalog) as workspace, console.running_job() as control:
        given, unknown = _asked_about(workspace, found, _pairs(answers, "ID=ANSWER"))
        applied = workspace.packets.answer(found, given, control, actor)
        names = workspace.ids_of([one.item for one in applied.skipped])
    skipped = [{"id": id, "reason": one.reason} for id, one in zip(names, applied.skipped, strict=True)]
    decided = len(given) - len(set(names))
    if as_json:
        answer = {
            "operation": applied.operation,
            "decided": decided,
            "changed": applied.changed,
            "skipped": skipped,
        }
        console.print_json(answer | {"unknown": unknown})
    else:
        if applied.operation is None:
            console.say("Nothing had to be changed: all of it was decided so before.")
        else:
            console.say(f"Decided about {counted(decided, 'item')}.")
        for one in skipped:
            console.say(f"  skipped {one['id']}: {one['reason']}")
    return SOME_REFUSED if skipped or unknown else OK


def _asked_about(
    workspace: Workspace, packet: Packet, answers: dict[str, str]
) -> tuple[dict[str, str], list[str]]:
    """The answers about items that the packet asks about and that are here, and the other ids. All of them where none
    is: then answering says why."""
    asked = {one.id for one in packet.items}
    given = {id: text for id, text in answers.items() if id in asked and workspace.number_of(id) is not None}
    unknown = [id for id in answers if id not in given]
    if unknown and given:
        console.warn(f"Left out, not asked about or not in this catalog: {_few(unknown)}")
    return (given, unknown) if given else (answers, [])


@packet_group.command()
@catalog_argument
@packet_argument
@out_option
@actor_option
@json_option
def collect(catalog: Path, packet: Path, out: Path, actor: str | None, as_json: bool) -> int:
    """Write what was decided in CATALOG about the items of PACKET to a file of decisions."""
    from visualsearch.attributes.packet_format import read_packet
    from visualsearch.workspace import Workspace

    found = read_packet(packet)
    with Workspace.open(catalog) as workspace, console.running_job() as control:
        collected = workspace.packets.collect(found, _actor(actor), out, control)
    if as_json:
        console.print_json(asdict(collected))
        return OK
    console.say(
        f"Decided: {collected.judged:,} of {counted(collected.asked, 'item')}; {collected.judge}'s are in {out}."
    )
    if collected.missing:
        console.say(
            f"  Not in this catalog: {counted(len(collected.missing), 'item')}: {_few(collected.missing)}"
        )
    if collected.other_photos:
        console.say(
            f"  With other photos here: {counted(len(collected.other_photos), 'item')}: {_few(collected.other_photos)}"
        )
    return OK


@packet_group.command()
@catalog_argument
@click.argument("decisions", nargs=-1, required=True, metavar="DECISIONS…", type=_FILE)
@click.option(
    "--prefer", default="", metavar="NAME", help='Whose decision counts in conflicts; "here" for CATALOG\'s.'
)
@click.option("--resolve", multiple=True, metavar="ID=NAME", help="Whose decision about an item counts.")
@click.option("--together", is_flag=True, help="Apply all files as one step, in your name.")
@click.option("--dry-run", is_flag=True, help="Only tell what would be in conflict.")
@json_option
def merge(
    catalog: Path,
    decisions: tuple[Path, ...],
    prefer: str,
    resolve: tuple[str, ...],
    together: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Apply the decisions of one or more judges to CATALOG, each file as one operation in the judge's name.

    Where judges disagree, or an item was changed here since, nothing is done until --prefer or --resolve says whose
    decision counts; both sides are listed, and the exit code is 3.
    """
    from visualsearch.workspace import Workspace

    chosen = _pairs(resolve, "ID=NAME")
    with Workspace.open(catalog) as workspace, console.running_job() as control:
        merged = workspace.packets.merge(
            decisions, control, prefer=prefer, resolve=chosen, dry_run=dry_run, together=together
        )
    if as_json:
        agreements = [asdict(one) | {"percent": round(one.percent, 2)} for one in merged.agreements]
        console.print_json(asdict(merged) | {"agreements": agreements})
    else:
        _print(merged)
    return SOME_REFUSED if merged.conflicts or merged.missing else OK


def _print(merged: Merged) -> None:
    if not (merged.taken or merged.already or merged.missing or merged.conflicts):
        console.say("Nothing was decided in what was given.")
    for taken in merged.taken:
        number = f"operation {taken.operation}" if taken.operation else "nothing to change"
        console.say(f"{taken.judge}: {counted(taken.items, 'item')} about {taken.about} · {number}")
        for reason in taken.skipped[:_SHOWN]:
            console.say(f"  skipped {reason}")
    if merged.already:
        console.say(f"Here as decided already: {counted(merged.already, 'item')}.")
    for one in merged.agreements:
        kappa = "not defined" if one.kappa is None else f"{one.kappa:.2f}"
        judges = " and ".join(one.judges)
        console.say(
            f"{judges} agree on {one.percent:.0f} % of {counted(one.items, 'item')} (Cohen's κ {kappa})."
        )
    if merged.missing:
        console.say(
            f"Not in this catalog or not asked about: {counted(len(merged.missing), 'item')}: {_few(merged.missing)}"
        )
    for conflict in merged.conflicts[:_SHOWN]:
        sides = [f"{judge}: {side.label}" for judge, side in conflict.judged.items()]
        here = _held(conflict.here) + (f", {conflict.answer_here}" if conflict.answer_here else "")
        console.say(f"{conflict.id}  {conflict.why}")
        console.say(f"    packet: {_held(conflict.given)} | here: {here} | {' | '.join(sides)}")
    if len(merged.conflicts) > _SHOWN:
        console.say(f"… and {len(merged.conflicts) - _SHOWN:,} more; --json lists them all")
    if merged.conflicts:
        console.say(
            f"Waiting: {counted(len(merged.conflicts), 'conflict')}. Say --prefer NAME, or --resolve ID=NAME."
        )


def _state(state: State) -> dict[str, Any]:
    asked = state.asked
    return {
        "id": asked.id,
        "given": asked.given,
        "suggested": asked.suggested,
        "there": state.there,
        "same_photos": state.same_photos,
        "decided": state.judged.label if state.judged else None,
    }


def _held(held: Held) -> str:
    from visualsearch.attributes.packet_format import shown

    return "; ".join(f"{name} {shown(values)}" for name, values in held.items())


def _few(ids: list[str]) -> str:
    return ", ".join(ids[:5]) + (" …" if len(ids) > 5 else "")


def _pairs(texts: tuple[str, ...], form: str) -> dict[str, str]:
    pairs = {}
    for text in texts:
        left, equals, right = text.rpartition("=") if form == "ID=NAME" else text.partition("=")
        if not equals or not left or not right:
            raise UsageError(
                f"{text!r} is not {form}.", "For example: 4711=" + form.partition("=")[2].lower()
            )
        if pairs.setdefault(left, right) != right:
            raise UsageError(f"{left!r} is there twice.", "Take one of them away.")
    return pairs


def _actor(name: str | None) -> str:
    from visualsearch.catalog.decisions import login_name
    from visualsearch.settings import Settings

    return name or Settings.load().actor or login_name()
