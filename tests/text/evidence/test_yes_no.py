"""Yes and no in other languages than English."""

from __future__ import annotations

import pytest

from dataprep.text.evidence.conflict import conflict

OPPOSED = [
    ("这个可以吗？", "是的，可以。", "不，不可以。"),
    ("可以退款吗？", "可以退款。", "不可以退款。"),
    ("支持货到付款吗？", "是的，支持货到付款。", "不，我们不支持货到付款。"),
    ("返品できますか？", "はい、できます。", "いいえ、できません。"),
    ("返品できますか？", "返品できます。", "返品できません。"),
    ("환불이 가능한가요?", "네, 가능합니다.", "아니요, 불가능합니다."),
    ("هل يمكنني الإلغاء؟", "نعم، يمكنك.", "لا، لا يمكنك."),
    ("क्या यह मुफ़्त है?", "हाँ", "नहीं"),
    ("İptal edebilir miyim?", "Evet", "Hayır"),
    ("Kan ik annuleren?", "Ja, dat kan.", "Nee, dat kan niet."),
    ("Posso cancellare l'ordine?", "Sì, certo.", "No, non è possibile."),
]
AGREED = [
    ("这个可以吗？", "可以。", "是的，可以。"),
    ("可以退款吗？", "是的，七天内可以退款。", "会，七天内可以。"),
    ("返品できますか？", "はい、できます。", "はい、30日以内であれば返品可能です。"),
    ("हो सकता है?", "हाँ", "हाँ, बिल्कुल।"),
    ("هل يمكنني الإلغاء؟", "نعم", "نعم، يمكنك ذلك."),
]


@pytest.mark.parametrize(("prompt", "left", "right"), OPPOSED)
def test_yes_against_no(prompt: str, left: str, right: str) -> None:
    found = conflict(left, right, prompt)
    assert found is not None
    assert (found.kind, found.severity) == ("yes-no", "error")


@pytest.mark.parametrize(("prompt", "left", "right"), AGREED)
def test_one_side(prompt: str, left: str, right: str) -> None:
    assert conflict(left, right, prompt) is None
