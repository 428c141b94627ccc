"""One encoder, four judgements: which sentence answers, with which words, does any, and is a claim supported.

A passage is read at once: `[CLS] question [SEP] title [S] first sentence [S] second sentence [SEP]`. The hidden
state of each `[S]` judges its sentence, so that a sentence is judged in its context.
"""

from pathlib import Path
from typing import Any

import torch
from torch import nn


class ReaderModel(nn.Module):
    """MiniLM with one linear head for tokens (sentence, start, end) and one for the first token."""

    def __init__(self, encoder: Any) -> None:  # noqa: ANN401
        super().__init__()
        self.encoder = encoder
        width = encoder.config.hidden_size
        self.tokens = nn.Linear(width, 3)
        self.whole = nn.Linear(width, 2)
        self.dropout = nn.Dropout(0.1)

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return token logits (n, t, 3) and whole logits (n, 2)."""
        hidden = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state
        hidden = self.dropout(hidden)
        return self.tokens(hidden), self.whole(hidden[:, 0])


def load(folder: Path) -> ReaderModel:
    """Return the model with the encoder's weights of `folder` and fresh heads."""
    from transformers import AutoModel

    return ReaderModel(AutoModel.from_pretrained(str(folder), add_pooling_layer=False))
