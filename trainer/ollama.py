"""A Modelfile for Ollama: the chat template a model was trained with, in the form Ollama reads.

Ollama's templates are Go templates, so the pieces around each turn are found by rendering conversations with the
model's own template, put together anew, and compared with what that template renders. Where they differ no Modelfile
is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from dataprep.errors import UserError
from trainer.chat import TEMPLATE_ERRORS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transformers import PreTrainedTokenizerBase

_SYSTEM, _USER, _ASSISTANT = "Xsystemtext", "Xusertext", "Xassistanttext"
_OTHER_USER, _OTHER_ASSISTANT = "Xlaterquestion", "Xlateranswer"

Turn = tuple[str, str]
"""Role and text."""


class Render(Protocol):
    """Renders a conversation with the model's own template."""

    def __call__(self, turns: Sequence[Turn], *, prompt: bool = True) -> str:
        """The text; with `prompt`, the assistant is about to speak at its end."""


_TRIED: Final[list[list[Turn]]] = [
    [("user", _USER)],
    [("user", _USER), ("assistant", _ASSISTANT), ("user", _OTHER_USER)],
    [("system", _SYSTEM), ("user", _USER)],
    [("system", _SYSTEM), ("user", _USER), ("assistant", _ASSISTANT), ("user", _OTHER_USER)],
    [("user", _USER), ("assistant", _ASSISTANT), ("user", _OTHER_USER), ("assistant", _OTHER_ASSISTANT)],
]


@dataclass(frozen=True)
class Pieces:
    """What a chat template writes around the turns.

    Attributes:
        around: role -> text in front of its words and behind them.
        opening: what makes the assistant speak.
        default_system: what the system says where a conversation does not say it.
        stop: the token that ends the assistant's turn.
    """

    around: dict[str, tuple[str, str]]
    opening: str
    default_system: str
    stop: str

    def render(self, turns: Sequence[Turn]) -> str:
        """What Ollama makes of a conversation."""
        told = list(turns)
        if self.default_system and told[0][0] != "system":
            told.insert(0, ("system", self.default_system))
        parts = [self.around[role][0] + text + self.around[role][1] for role, text in told]
        return "".join(parts) + self.opening

    def template(self) -> str:
        """The Go template."""
        branches = [
            f'{{{{ {"else " if place else ""}if eq .Role "{role}" }}}}{before}{{{{ .Content }}}}{after}'
            for place, (role, (before, after)) in enumerate(self.around.items())
        ]
        return "{{ range .Messages }}" + "".join(branches) + "{{ end }}{{ end }}" + self.opening


def modelfile(tokenizer: PreTrainedTokenizerBase, weights: str) -> str:
    """The text of a Modelfile.

    Args:
        tokenizer: with the template that the model was trained with.
        weights: the GGUF file or folder of safetensors, as seen from the Modelfile.

    Raises:
        UserError: the template cannot be said in a Modelfile.
    """
    pieces = find_pieces(tokenizer)
    template = pieces.template()
    if '"""' in template + pieces.default_system:
        raise UserError("no Modelfile: the chat template contains three quotation marks")
    lines = [f"FROM {weights}", f'TEMPLATE """{template}"""', f'PARAMETER stop "{pieces.stop}"']
    if pieces.default_system:
        lines.append(f'SYSTEM """{pieces.default_system}"""')
    return "\n".join(lines) + "\n"


def find_pieces(tokenizer: PreTrainedTokenizerBase) -> Pieces:
    """What the template writes around the turns, proven on several conversations.

    Raises:
        UserError: it does more than write something around each turn.
    """
    bos = tokenizer.bos_token or ""

    def render(turns: Sequence[Turn], *, prompt: bool = True) -> str:
        text: str = tokenizer.apply_chat_template(
            [{"role": role, "content": said} for role, said in turns], tokenize=False, add_generation_prompt=prompt
        )
        return text.removeprefix(bos)

    try:
        # Ollama writes the token that begins a text itself. Where turns begin with it, it belongs to them.
        if bos and render(_TRIED[1]).count(bos):
            bos = ""
        pieces = _taken_apart(render, [str(token) for token in tokenizer.all_special_tokens])
        wrong = [turns for turns in _TRIED if _allowed(pieces, turns) and pieces.render(turns) != render(turns)]
    except (*TEMPLATE_ERRORS, UserError) as err:
        raise _unsayable(str(err).rstrip(".")) from err
    if wrong:
        raise _unsayable("what it writes around a turn depends on the other turns")
    return pieces


def _taken_apart(render: Render, special: Sequence[str]) -> Pieces:
    user = [("user", _USER)]
    alone = render(user, prompt=False)
    answered = render([*user, ("assistant", _ASSISTANT)], prompt=False)
    again = render([*user, ("assistant", _ASSISTANT), ("user", _OTHER_USER)], prompt=False)
    if not (answered.startswith(alone) and again.startswith(answered)):
        raise UserError("what it writes around a turn depends on the other turns")
    around = {
        "user": _split(again.removeprefix(answered), _OTHER_USER),
        "assistant": _split(answered.removeprefix(alone), _ASSISTANT),
    }
    head = _split(alone, _USER)[0].removesuffix(around["user"][0])
    default = ""
    try:
        before, after = _split(render([("system", _SYSTEM), *user], prompt=False), _SYSTEM)
    except TEMPLATE_ERRORS:  # it knows no system turn
        before = after = ""
    else:
        after = after.removesuffix("".join((around["user"][0], _USER, around["user"][1])))
        around = {"system": (before, after)} | around
        if head:
            default = head.removeprefix(before).removesuffix(after)
    stops = [token for token in special if token in around["assistant"][1]]
    if not stops:
        raise UserError("it ends the assistant's turn without a special token")
    return Pieces(around, render(user).removeprefix(alone), default, min(stops, key=around["assistant"][1].index))


def _split(text: str, at: str) -> tuple[str, str]:
    before, found, after = text.partition(at)
    if not found:
        raise UserError("it does not show what is said")
    return before, after


def _allowed(pieces: Pieces, turns: Sequence[Turn]) -> bool:
    return all(role in pieces.around for role, _ in turns)


def _unsayable(reason: str) -> UserError:
    return UserError(f"no Modelfile for Ollama: the chat template cannot be said in one ({reason})")
