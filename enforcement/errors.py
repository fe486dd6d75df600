"""What enforcement refuses. Each class is one reason; `reason` is stable and goes into JSON."""

from __future__ import annotations

from typing import ClassVar


class EnforcementError(Exception):
    """Input that enforcement cannot use, or a wish that a rule row forbids.

    Args:
        where: what it is about: a file and row, a role, an alert.
        detail: what exactly was seen.
    """

    reason: ClassVar[str]

    def __init__(self, where: str, detail: str = "") -> None:
        super().__init__(f"{where}: {self.reason}" + (f" ({detail})" if detail else ""))
        self.where, self.detail = where, detail


class PolicyRowBad(EnforcementError):
    """A rule row cannot be used: unknown key, missing source, overlap, undeclared gap. `where` is file and row."""

    reason = "policy_row_bad"


class NoRuleInForce(EnforcementError):
    """No row of that id was in force on that day."""

    reason = "no_rule_in_force"


class RoleForbids(EnforcementError):
    """The role may not do this act. `row` is the id of the policy row that says so."""

    reason = "role_forbids"

    def __init__(self, where: str, detail: str, row: str) -> None:
        super().__init__(where, detail)
        self.row = row


class InvalidUscc(EnforcementError):
    """Not a unified social credit code (GB 32100)."""

    reason = "invalid_uscc"


class InvalidPermitNumber(EnforcementError):
    """Not the number of a pollutant discharge permit."""

    reason = "invalid_permit_number"


class FirmNameless(EnforcementError):
    """A firm without a code of any kind and without a name: nothing to hold it under."""

    reason = "firm_nameless"


class CalendarBad(EnforcementError):
    """A row of the calendar of holidays that is no day, or names a day twice."""

    reason = "calendar_bad"


class ClockImpossible(EnforcementError):
    """A period that cannot be counted: a rule row without days, or pauses that overlap."""

    reason = "clock_impossible"


class TwoValidCodes(EnforcementError):
    """Two entries with valid credit codes that differ: two firms, whatever their names."""

    reason = "two_valid_codes"


class PlaceImpossible(EnforcementError):
    """Not a longitude and latitude, not an area, not a line."""

    reason = "place_impossible"


class EvidenceUnusable(EnforcementError):
    """A likelihood, distance or sigma that is negative or not a number."""

    reason = "evidence_unusable"


class FirmTwice(EnforcementError):
    """The same enterprise stands twice among the facts of a week."""

    reason = "firm_twice"


class MandateUnknown(EnforcementError):
    """A mandate of a kind that no rule row names."""

    reason = "mandate_unknown"


class TargetsImpossible(EnforcementError):
    """A number of targets below zero."""

    reason = "targets_impossible"


class VerdictUnknown(EnforcementError):
    """Not one of the words a verdict may be."""

    reason = "verdict_unknown"


class NextStepUnknown(EnforcementError):
    """Not one of the next steps a lead may have."""

    reason = "next_step_unknown"


class NoVerdict(EnforcementError):
    """A lead was asked for on an alert that no person has judged."""

    reason = "no_verdict"


class VerdictForbidsStep(EnforcementError):
    """The verdict of an alert does not carry this next step."""

    reason = "verdict_forbids_step"


class OutfallNeedsFootCheck(EnforcementError):
    """An outfall or discharge seen from the air counts only once confirmed on foot."""

    reason = "outfall_needs_foot_check"


class RoutineVisitToListed(EnforcementError):
    """A routine visit to a firm on the positive list."""

    reason = "routine_visit_to_listed"
