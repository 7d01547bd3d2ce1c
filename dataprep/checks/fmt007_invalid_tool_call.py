"""FMT007 invalid-tool-call."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import msgspec
import polars as pl

from dataprep.checks.check import Check
from dataprep.checks.found import Found

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dataprep.checks.context import AuditContext
    from dataprep.contract import Severity

Fault = tuple["Severity", str, str]
"""Severity, field, what is wrong."""
FAULTS_SHOWN: Final = 10


class InvalidToolCall(Check):
    """A tool call that could not be carried out, or a tool result that answers nothing.

    A model learns calls letter by letter: arguments that are no JSON object, a call without a name, a tool that is
    not on offer, a result for a call nobody made - all of it is copied faithfully. Calls that no result answers
    although the conversation goes on, and arguments that the tool's schema does not know or misses, are warnings.
    The rejected side of a preference pair is not looked at: it is there to be wrong.

    Example: tools offer `get_order`, the assistant calls `get_orders` with arguments "{id: 7".

    What to do: mend the call at its source; `dataprep split` drops the row and says so.
    """

    code = "FMT007"
    name = "invalid-tool-call"
    severity = "error"

    def run(self, context: AuditContext) -> Iterable[Found]:
        """The first error and the first warning of each row that has calls or results."""
        turn = pl.element().struct
        uses = turn.field("tool_calls").is_not_null() | (turn.field("role") == "tool")
        with_calls = (
            context.raw_rows.with_row_index("position")
            .filter(
                pl.col("messages").list.eval(uses).list.any()
                | pl.col("chosen").list.eval(uses).list.any().fill_null(value=False)
            )
            .select("position", "messages", "chosen", "tools")
        )
        for position, messages, chosen, tools in with_calls.iter_rows():
            faults = _Conversation(_declared(tools)).faults([*messages, *(chosen or ())], len(messages))
            for severity in ("error", "warning"):
                own = [fault for fault in faults if fault[0] == severity]
                if own:
                    more = f" (and {len(own) - 1} more)" if len(own) > 1 else ""
                    evidence = {"faults": [{"field": where, "text": what} for _, where, what in own[:FAULTS_SHOWN]]}
                    _, where, what = own[0]
                    yield Found(position, f"{what}{more}", severity=own[0][0], field=where, evidence=evidence)


def _declared(tools: str | None) -> dict[str, Any] | None:
    """The parameters of each tool by its name; None where no tools are listed."""
    listed = msgspec.json.decode(tools) if tools else None
    if not isinstance(listed, list) or not listed:
        return None
    declared = {}
    for tool in listed:
        body = tool.get("function", tool) if isinstance(tool, dict) else None
        if isinstance(body, dict) and isinstance(body.get("name"), str):
            declared[body["name"]] = body.get("parameters", body.get("input_schema"))
    return declared or None


@dataclass(slots=True)
class _Conversation:
    """Follows the calls of one conversation.

    Attributes:
        declared: the tools on offer.
        known: identifiers of all calls so far.
        waiting: the calls that nothing has answered yet: identifier or None, and the field.
    """

    declared: Mapping[str, Any] | None
    known: set[str] = field(default_factory=set)
    waiting: list[tuple[str | None, str]] = field(default_factory=list)
    found: list[Fault] = field(default_factory=list)

    def faults(self, turns: Sequence[Mapping[str, Any]], shared: int) -> list[Fault]:
        """Everything that is wrong, in order; turns from number `shared` on are those of the preferred answer."""
        for place, turn in enumerate(turns):
            where = f"messages[{place}]" if place < shared else f"chosen[{place - shared}]"
            if turn["role"] == "tool":
                self._result(turn, where)
                continue
            for _, call in self.waiting:
                self.found.append(("warning", call, "the call is never answered, yet the conversation goes on"))
            self.waiting = []
            if turn["tool_calls"] is not None:
                self._calls(msgspec.json.decode(turn["tool_calls"]), f"{where}.tool_calls")
        return self.found

    def _result(self, turn: Mapping[str, Any], where: str) -> None:
        answered = turn["tool_call_id"]
        if answered and self.known:
            if answered not in self.known:
                words = f"answers call {answered[:40]!r}, which nobody made"
                self.found.append(("error", f"{where}.tool_call_id", words))
            self.waiting = [call for call in self.waiting if call[0] != answered]
        elif not self.waiting and not self.known:
            self.found.append(("error", where, "a tool result without a call before it"))
        else:
            # Without identifiers one result may answer several calls.
            self.waiting = []

    def _calls(self, calls: Any, where: str) -> None:
        for number, call in enumerate(calls if isinstance(calls, list) else [calls]):
            here = f"{where}[{number}]"
            body = call.get("function", call) if isinstance(call, dict) else None
            if not isinstance(body, dict):
                self.found.append(("error", here, "is no call: expected an object with a name and arguments"))
                continue
            identifier = call.get("id") if isinstance(call.get("id"), str) else None
            self.known |= {identifier} if identifier else set()
            self.waiting.append((identifier, here))
            self._body(body, here)

    def _body(self, body: Mapping[str, Any], where: str) -> None:
        name = body.get("name")
        arguments, problem = _arguments(body)
        if not isinstance(name, str) or not name.strip():
            self.found.append(("error", f"{where}.name", "the call names no tool"))
            return
        if problem:
            self.found.append(("error", f"{where}.arguments", f"the arguments of {name[:40]!r} {problem}"))
        if self.declared is None:
            return
        if name not in self.declared:
            listed = ", ".join(sorted(self.declared)[:5])
            self.found.append(("error", f"{where}.name", f"calls {name[:40]!r}, which is not on offer ({listed})"))
        elif arguments is not None:
            self.found += _against_schema(name, arguments, self.declared[name], f"{where}.arguments")


def _arguments(body: Mapping[str, Any]) -> tuple[dict[str, Any] | None, str | None]:
    """The arguments as an object, or what is wrong with them."""
    given = body.get("arguments", body.get("parameters", {}))
    if isinstance(given, str):
        try:
            given = msgspec.json.decode(given)
        except (msgspec.DecodeError, RecursionError) as err:
            return None, f"are not JSON: {given[:40]!r}" if given.strip() else f"are empty, not JSON ({err})"
    if given is None:
        given = {}
    return (given, None) if isinstance(given, dict) else (None, "are JSON, but no object")


def _against_schema(name: str, arguments: Mapping[str, Any], schema: Any, where: str) -> list[Fault]:
    """Arguments that the tool's parameters do not know, and required ones that are missing."""
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if not isinstance(properties, dict):
        return []
    found: list[Fault] = []
    required = schema.get("required")
    missing = [key for key in required if key not in arguments] if isinstance(required, list) else []
    if missing:
        found.append(("warning", where, f"{name[:40]!r} lacks the required {', '.join(map(str, missing[:5]))}"))
    unknown = [key for key in arguments if key not in properties]
    if unknown and schema.get("additionalProperties") is not True:
        found.append(("warning", where, f"{name[:40]!r} has no parameter {', '.join(unknown[:5])}"))
    return found


CHECK = InvalidToolCall()
