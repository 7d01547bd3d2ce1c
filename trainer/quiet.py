"""Keep the libraries' own bars, banners and notices off the screen; their errors still come through."""

from __future__ import annotations

import logging
import warnings


def quiet_libraries() -> None:
    """Must be called before peft is imported, since it is on import that bitsandbytes speaks up."""
    for name in ("bitsandbytes", "peft", "accelerate"):
        logging.getLogger(name).setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", category=FutureWarning, module=r"(transformers|peft|accelerate|torch)\b")
    from transformers.utils import logging as transformers_logging  # noqa: PLC0415 - quiet before it loads

    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
