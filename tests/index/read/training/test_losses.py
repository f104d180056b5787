"""What a reader in training is pushed to: the signs of the losses' gradients."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
import torch
from torch import Tensor

from index.read.training.losses import NEVER, Targets, as_taught, decision, joint, places

Loss = Callable[[Tensor, Tensor, Targets], Tensor]


def targets(
    answers: Sequence[tuple[int, int]], tempting: Sequence[tuple[int, int]] = (), asked: Sequence[int] = ()
) -> Targets:
    """Of labelled windows."""
    count = len(answers)
    return Targets(
        torch.tensor(answers),
        torch.tensor(tempting or [(0, 0)] * count),
        torch.tensor(asked or range(count)),
        torch.ones(count, dtype=torch.bool),
    )


def pushes(loss: Loss, scores: list[list[float]], wanted: Targets) -> Tensor:
    """Which way each score is pushed, and how hard."""
    table = torch.tensor(scores, requires_grad=True)
    loss(table, table, wanted).backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
    assert table.grad is not None
    return -table.grad


def test_a_span_is_weighed_against_none() -> None:
    """The answer's log-odds are pushed up, a tempting span's down; without one, those of the best span."""
    wanted = targets([(2, 2), (0, 0), (0, 0)], [(0, 0), (2, 2), (0, 0)])
    assert pushes(decision, [[1.0, 5.0, 2.0]] * 3, wanted).sign().tolist() == [[-1, 0, 1], [1, 0, -1], [1, -1, 0]]


def test_the_windows_of_a_question_are_weighed_together() -> None:
    """The answer's log-odds rise, those of spans in the question's other windows fall, another question's stay apart."""
    scores = [[1.0, 2.0, 2.0]] * 3
    pushed = pushes(joint, scores, targets([(2, 2), (0, 0), (0, 0)], asked=[0, 0, 1]))
    assert pushed.sign().tolist() == [[-1, -1, 1], [1, -1, -1], [1, -1, -1]]
    alone = pushes(joint, scores[:1], targets([(2, 2)]))
    apart = pushes(joint, scores[:2], targets([(2, 2), (0, 0)]))
    assert 2 * pushed[0, 2] > alone[0, 2], "with other windows beside it, an answer is pushed harder"
    assert torch.allclose(2 * apart[0], alone[0]), "another question's window changes nothing"


def test_an_answer_that_seems_impossible_is_still_learnt() -> None:
    """However far its score lies below none, the loss says so and pushes it up."""
    for low in (-20.0, -90.0, -400.0):
        pushed = pushes(joint, [[0.0, 1.0, low]], targets([(2, 2)]))
        assert pushed.isfinite().all()
        assert pushed[0, 2] > 1


def test_the_answer_s_places_are_pushed_up() -> None:
    """Of all places the answer's rise; with none, [CLS] does."""
    assert pushes(places, [[1.0, 2.0, 3.0]] * 2, targets([(1, 1), (0, 0)])).sign().tolist() == [
        [-1, 1, -1],
        [1, -1, -1],
    ]


@pytest.mark.parametrize("shift", [0.0, 40.0, -40.0, 500.0])
def test_who_scores_as_the_teacher_has_nothing_to_learn(shift: float) -> None:
    """No score is pushed when all are the teacher's, however sure it is and whatever is added to a window's scores."""
    torch.manual_seed(3)
    taught = torch.randn(5, 9) * 4
    taught[:, 0] += shift
    taught[2, 6:] = NEVER
    taught[4, 1:] = NEVER  # a window without text
    asked = torch.tensor([0, 0, 1, 2, 2])
    own = (taught + torch.where(taught > NEVER, 3.0, 0.0)).requires_grad_()
    as_taught(own, own, (taught, taught), asked).backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
    assert own.grad is not None
    assert own.grad.abs().max() < 1e-3


def test_a_teacher_is_followed() -> None:
    """Steps down the gradient bring the scores to the teacher's choice of place and of passage."""
    torch.manual_seed(5)
    taught = torch.randn(6, 12) * 5
    asked = torch.tensor([0, 0, 0, 1, 1, 2])
    own = torch.zeros(6, 12, requires_grad=True)
    optimizer = torch.optim.Adam([own], lr=0.3)
    for _ in range(300):
        optimizer.zero_grad()
        as_taught(own, own, (taught, taught), asked).backward()  # type: ignore[no-untyped-call]  # as above
        optimizer.step()
    assert own.argmax(1).tolist() == taught.argmax(1).tolist()
    odds = own.detach()[:, 1:].logsumexp(1) - own.detach()[:, 0]
    wanted = taught[:, 1:].logsumexp(1) - taught[:, 0]
    assert odds[:3].argmax() == wanted[:3].argmax()
