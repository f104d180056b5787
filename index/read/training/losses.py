"""What a reader in training is told to mend: its scores for the answer's first and last token, window by window.

All functions take scores of shape (windows, tokens), those of tokens that cannot be an answer far below all others;
place 0 is [CLS], which stands for "no answer here".
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

NEVER = -1e9
"""Score of what is neither [CLS] nor a token of the text."""
TEMPERATURE = 1.5
"""Divides the scores of teacher and taught, so that the less likely places count too."""
SHARE = 0.5
"""Weight of a teacher's decisions, for a span and among passages, beside its places: that of the labels' own (`Plan`)."""
_WIDEST = 30  # tokens of a teacher's span
_MOST = 60.0  # log-odds beyond which two passages are no longer told apart


@dataclass(frozen=True, slots=True)
class Targets:
    """What a batch is to be read as; each tensor has one row a window."""

    answer: Tensor
    """(windows, 2): places of the answer's first and last token; 0, 0 where there is none."""
    tempting: Tensor
    """(windows, 2): the same of a span that a hasty reader would take for the answer; 0, 0 when none is known."""
    asked: Tensor
    """(windows,): number of the window's question, from 0 on; the windows of one stand together."""
    labelled: Tensor
    """(windows,): whether it is known if and where the window answers; a teacher alone can teach the others."""

    def known(self) -> Targets:
        """Those of the labelled windows."""
        kept = self.labelled
        _, asked = torch.unique_consecutive(self.asked[kept], return_inverse=True)
        return Targets(self.answer[kept], self.tempting[kept], asked, kept[kept])


def places(first: Tensor, last: Tensor, targets: Targets) -> Tensor:
    """Cross-entropy of the answer's first and of its last token, added."""
    return functional.cross_entropy(first, targets.answer[:, 0]) + functional.cross_entropy(last, targets.answer[:, 1])


def decision(first: Tensor, last: Tensor, targets: Targets) -> Tensor:
    """Loss for a span's log-odds against none, which decide whether it is given.

    The span is the answer, which should be above none, or else the tempting one or the best, which should be below.
    """
    answered = targets.answer[:, 0] > 0
    known = torch.where(answered[:, None], targets.answer, targets.tempting)
    best = first[:, 1:].amax(1) + last[:, 1:].amax(1)
    odds = torch.where(known[:, 0] > 0, _span(first, last, known), best) - _none(first, last)
    return functional.softplus(torch.where(answered, -odds, odds)).mean()


def joint(first: Tensor, last: Tensor, targets: Targets) -> Tensor:
    """Loss for the answer among all spans of all windows of its question, or for none of them where none answers.

    The scores are normalised over the windows together (Clark and Gardner, ACL 2018; Wang et al., EMNLP 2019), so that
    those of different passages can be compared.
    """
    questions = int(targets.asked[-1]) + 1
    answered = targets.answer[:, 0] > 0
    odds = _span(first, last, targets.answer) - _none(first, last)
    totals = _total(_any_span(first, last), targets.asked, questions, none=True)
    answers = _total(odds.masked_fill(~answered, NEVER), targets.asked, questions, none=False)
    return torch.where(answers > NEVER / 2, totals - answers, totals).mean()


def as_taught(first: Tensor, last: Tensor, taught: tuple[Tensor, Tensor], asked: Tensor) -> Tensor:
    """How far the scores are from a teacher's (Hinton et al., 2015): of places, of its best span, among the passages.

    `taught` is the teacher's scores for the same tokens, `asked` as in `Targets`.
    """
    of_places = torch.zeros(())
    for own, others in zip((first, last), taught, strict=True):
        likely = (others / TEMPERATURE).softmax(1)
        said = (own / TEMPERATURE).log_softmax(1).masked_fill(others <= NEVER, 0)
        of_places = of_places - (likely * said).sum(1).mean() * TEMPERATURE**2
    spans = _best_span(*taught)
    sure = (_span(*taught, spans) - _none(*taught)).sigmoid()
    odds = _span(first, last, spans) - _none(first, last)
    found = spans[:, 0] > 0
    decided = functional.binary_cross_entropy_with_logits(odds[found], sure[found]) if found.any() else 0.0
    return of_places + SHARE * decided + SHARE * _among_passages(first, last, taught, asked)


def _among_passages(first: Tensor, last: Tensor, taught: tuple[Tensor, Tensor], asked: Tensor) -> Tensor:
    """Cross-entropy of which of a question's windows answers it, or none, against what the teacher thinks."""
    questions = int(asked[-1]) + 1
    own, others = (_any_span(*each).clamp(-_MOST, _MOST) for each in ((first, last), taught))
    own_total, total = (_total(each, asked, questions, none=True) for each in (own, others))
    likely = (others - total[asked]).exp()
    among = torch.zeros(questions).scatter_add(0, asked, -likely * (own - own_total[asked]))
    return (among + (-total).exp() * own_total).mean()


def _none(first: Tensor, last: Tensor) -> Tensor:
    return first[:, 0] + last[:, 0]


def _span(first: Tensor, last: Tensor, spans: Tensor) -> Tensor:
    return first.gather(1, spans[:, :1])[:, 0] + last.gather(1, spans[:, 1:])[:, 0]


def _any_span(first: Tensor, last: Tensor) -> Tensor:
    """Log-odds that a span answers, whichever, against none."""
    return first[:, 1:].logsumexp(1) + last[:, 1:].logsumexp(1) - _none(first, last)


def _best_span(first: Tensor, last: Tensor) -> Tensor:
    """(windows, 2): the likeliest span that is not too long; 0, 0 in a window without text."""
    begins, ends = first.clone(), last.clone()
    begins[:, 0] = ends[:, 0] = NEVER
    wide = min(_WIDEST, first.shape[1])
    best, further = functional.pad(ends, (0, wide - 1), value=NEVER).unfold(1, wide, 1).max(2)
    scores, begin = (begins + best).max(1)
    spans = torch.stack([begin, begin + further.gather(1, begin[:, None])[:, 0]], 1)
    return torch.where(scores[:, None] > NEVER / 2, spans, 0)


def _total(odds: Tensor, asked: Tensor, questions: int, none: bool) -> Tensor:
    """(questions,): the log of all odds of a question's windows added, with those of none, which are 1, if wished."""
    least = torch.full((questions,), 0.0 if none else NEVER)
    most = least.scatter_reduce(0, asked, odds.detach(), "amax")
    added = torch.zeros(questions).scatter_add(0, asked, (odds - most[asked]).exp())
    return most + (added + (-most).exp() if none else added).log()
