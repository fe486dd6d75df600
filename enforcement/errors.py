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


class VerdictNeedsSecond(EnforcementError):
    """An alert's verdict stands only once a second person has said the same."""

    reason = "verdict_needs_second"


class ReallyMissing(EnforcementError):
    """The machine was wrong, and nobody said what it really was."""

    reason = "really_missing"


class ReallyUnknown(EnforcementError):
    """Not one of the words for what it really was."""

    reason = "really_unknown"


class FindingUnknown(EnforcementError):
    """Not one of the words for what was found in the field."""

    reason = "finding_unknown"


class CheckBasisUnknown(EnforcementError):
    """A non-site check is opened by an alert, the plan, a complaint or a clue."""

    reason = "check_basis_unknown"


class LookedAtUnknown(EnforcementError):
    """Not one of the things that a check may look at."""

    reason = "looked_at_unknown"


class LinkUnfit(EnforcementError):
    """Not a link by which this kind of thing is found again."""

    reason = "link_unfit"


class JudgementUnknown(EnforcementError):
    """Not one of the judgements of a check."""

    reason = "judgement_unknown"


class CheckWithoutItems(EnforcementError):
    """A check was to be closed, and nothing was looked at in it."""

    reason = "check_without_items"


class JudgementForbidsStep(EnforcementError):
    """The judgement of a check does not carry this next step."""

    reason = "judgement_forbids_step"


class DaysMissing(EnforcementError):
    """A rectification without a number of days, or with too many; or days where the step takes none."""

    reason = "days_missing"


class ChecklistOpen(EnforcementError):
    """A criminal referral with a question of its checklist unanswered, or one that is none of its questions."""

    reason = "checklist_open"


class LeadWithoutBasis(EnforcementError):
    """A lead that rests on nothing: no alert, no closed check, no received report."""

    reason = "lead_without_basis"


class CaseStepUnknown(EnforcementError):
    """Not one of the steps of a case."""

    reason = "case_step_unknown"


class CaseStepIllegal(EnforcementError):
    """The step does not lead on from the state in which the case is."""

    reason = "case_step_illegal"


class ReasonMissing(EnforcementError):
    """A step that needs a reason, without one."""

    reason = "reason_missing"


class DocumentMissing(EnforcementError):
    """A step that needs the number of its document, without one."""

    reason = "document_missing"


class CaseWithoutEvidence(EnforcementError):
    """No evidence stands in the file."""

    reason = "case_without_evidence"


class CaseWithoutParty(EnforcementError):
    """Nobody is named as the party of the case."""

    reason = "case_without_party"


class EvidenceNotReviewed(EnforcementError):
    """Evidence from imagery or monitors was not reviewed by two people, or none of it was admitted."""

    reason = "evidence_not_reviewed"


class OpinionMissing(EnforcementError):
    """A decision marked major without the legal office's opinion, or against it."""

    reason = "opinion_missing"


class LateWithoutReason(EnforcementError):
    """A step after the last of its possible dates, without a reason."""

    reason = "late_without_reason"


class LimitationPassed(EnforcementError):
    """The period in which the act may be punished is over."""

    reason = "limitation_passed"


class CaseNotOpen(EnforcementError):
    """The case has gone too far, or ended: nothing is added to it any more."""

    reason = "case_not_open"


class ReviewerHandles(EnforcementError):
    """Who filed the case does not review its evidence."""

    reason = "reviewer_handles"


class ReviewerTwice(EnforcementError):
    """One person was to review the same evidence in both respects."""

    reason = "reviewer_twice"


class MarkUnknown(EnforcementError):
    """Not one of the marks of a case."""

    reason = "mark_unknown"


class OutcomeUnknown(EnforcementError):
    """Not one of the ends of a lead."""

    reason = "outcome_unknown"


class TaskKindUnknown(EnforcementError):
    """Not one of the kinds of work that can be given."""

    reason = "task_kind_unknown"


class TaskStepUnknown(EnforcementError):
    """Not one of the steps of a task."""

    reason = "task_step_unknown"


class TaskStepIllegal(EnforcementError):
    """The step does not lead on from the state that the task is in."""

    reason = "task_step_illegal"


class TaskNotYours(EnforcementError):
    """The task was given to another account."""

    reason = "task_not_yours"


class TaskOwnWork(EnforcementError):
    """Somebody accepts or returns the own work."""

    reason = "task_own_work"


class TaskWithoutItems(EnforcementError):
    """Work is handed in without a piece of evidence."""

    reason = "task_without_items"


class ItemKindUnknown(EnforcementError):
    """Not one of the things that a piece of evidence may show."""

    reason = "item_kind_unknown"


class ItemNotThere(EnforcementError):
    """A piece of evidence of that number was not handed in."""

    reason = "item_not_there"


class ShareImpossible(EnforcementError):
    """A share of more than there are."""

    reason = "share_impossible"


class PauseForbidden(EnforcementError):
    """This clock does not stand still, or not for this reason."""

    reason = "pause_forbidden"


class PauseImpossible(EnforcementError):
    """A pause before the clock began, in the future, or while it stands still already; or an end of none."""

    reason = "pause_impossible"


class ExtensionForbidden(EnforcementError):
    """This clock cannot be extended, or not by so many days."""

    reason = "extension_forbidden"


class CountingUnknown(EnforcementError):
    """Not a way of counting days."""

    reason = "counting_unknown"


class CountingBackdated(EnforcementError):
    """A way of counting that was to hold for clocks that run already."""

    reason = "counting_backdated"


class NoSuspicion(EnforcementError):
    """A case on a lead of which people have laid everything aside: lawful, twice the same, the machine's error."""

    reason = "no_suspicion"


class ExceedanceNotBeyond(EnforcementError):
    """A value that is entered as an exceedance does not lie beyond its limit."""

    reason = "exceedance_not_beyond"


class ExceedanceUnfit(EnforcementError):
    """A written exceedance lacks something, or its words or figures are none of those that may stand there."""

    reason = "exceedance_unfit"


class AuditEvidenceUnknown(EnforcementError):
    """Not one of the kinds of evidence that a station's person looks at."""

    reason = "audit_evidence_unknown"


class AuditEvidenceMissing(EnforcementError):
    """What this judgement needs was not looked at."""

    reason = "audit_evidence_missing"


class AuditJudgementUnknown(EnforcementError):
    """Neither valid nor not valid."""

    reason = "audit_judgement_unknown"


class AuditCauseUnfit(EnforcementError):
    """A value does not hold and no cause of the list is named, or it holds and one is."""

    reason = "audit_cause_unfit"


class TooFewInspectors(EnforcementError):
    """A visit's record names fewer different inspectors than it must, or somebody who is none."""

    reason = "too_few_inspectors"


class IdentityNotShown(EnforcementError):
    """A party was there, and identity was not shown or notice not given."""

    reason = "identity_not_shown"


class FieldRecordUnfit(EnforcementError):
    """A word of a visit's record is none of those that may stand there, or its times are impossible."""

    reason = "field_record_unfit"
