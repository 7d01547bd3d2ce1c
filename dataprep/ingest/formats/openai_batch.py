"""OpenAI batch lines: the request ({"custom_id", "body": {"messages"}}) or its result ({"custom_id", "response"})."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataprep.ingest.shape import Format, Parsed, ShapeError, as_tools, kind_of, message
from dataprep.ingest.turns import read_turns

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet


def claims(keys: AbstractSet[str]) -> bool:
    """A custom id with a request body or a response."""
    return "custom_id" in keys and not keys.isdisjoint({"body", "response"})


def read(record: Mapping[str, Any]) -> Parsed:
    """The request's messages, or the answer that came back: a result line does not repeat the question.

    Raises:
        ShapeError: the request failed, or its answer is not a chat answer.
    """
    parsed = Parsed([], set())
    body = record.get("body")
    if isinstance(body, dict):
        parsed.messages = _request(body, "body", parsed)
        return parsed
    if record.get("error"):
        raise ShapeError("error", "the request failed: there is no answer in it")
    response = record.get("response")
    answer = response.get("body") if isinstance(response, dict) else None
    status = response.get("status_code", 200) if isinstance(response, dict) else 200
    if status != 200:
        raise ShapeError("response.status_code", f"the request failed with status {str(status)[:20]}")
    if not isinstance(answer, dict):
        raise ShapeError("response", f"expected a response with a body, found {kind_of(response)}")
    parsed.messages = _answer(answer, parsed)
    return parsed


def _request(body: Mapping[str, Any], where: str, parsed: Parsed) -> list[dict[str, Any]]:
    given = body.get("messages", body.get("input"))
    parsed.tools = as_tools(body.get("tools"))
    if isinstance(given, str):
        return [message("user", given)]
    return read_turns(given, f"{where}.messages", parsed)


def _answer(body: Mapping[str, Any], parsed: Parsed) -> list[dict[str, Any]]:
    """The first choice of a chat completion, or the messages of a Responses API answer."""
    choices = body.get("choices")
    if isinstance(choices, list) and choices and isinstance(choices[0], dict):
        return read_turns(choices[0].get("message"), "response.body.choices[0].message", parsed)
    outputs = body.get("output")
    if isinstance(outputs, list):
        said = [item for item in outputs if isinstance(item, dict) and item.get("type") == "message"]
        if said:
            turns = [{"role": item.get("role"), "content": item.get("content")} for item in said]
            return read_turns(turns, "response.body.output", parsed)
    raise ShapeError("response.body", "holds neither choices nor output messages")


FORMAT = Format("openai-batch", "OpenAI batch lines", 30, claims, read, None)
