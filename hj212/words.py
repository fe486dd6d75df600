"""What the numbers on the wire mean: commands (CN), systems (ST), and who may answer what.

Source: HJ 212-2017 tables 5 and 9; the commands of HJ/T 212-2005 have the same numbers. The text of HJ 212-2025 was
not at hand: nothing of it is assumed here.
"""

from __future__ import annotations

REAL_TIME, STATE, DAY, RUN_TIME, MINUTE, HOUR, START_UP = "2011", "2021", "2031", "2041", "2051", "2061", "2081"
DATA = frozenset({REAL_TIME, STATE, DAY, RUN_TIME, MINUTE, HOUR, START_UP})
"""What a device sends on its own account or when asked; answered by 9014."""
PERIODS = {MINUTE: "Min", HOUR: "Hour", DAY: "Day"}
"""Commands by which a period that is missing can be asked for."""
READ_CLOCK, SET_CLOCK, CLOCK_WANTED = "1011", "1012", "1013"
NOTICES = frozenset({CLOCK_WANTED, "3015", "3019", "3020"})
"""What a device announces; answered by 9013."""
REQUEST_TAKEN, REQUEST_DONE, NOTICE_ANSWER, DATA_ANSWER = "9011", "9012", "9013", "9014"
ANSWERS_OF_A_DEVICE = frozenset({REQUEST_TAKEN, REQUEST_DONE})
INTERACTION = "91"
"""System code of answers."""

QN_RTN = {"1": "taken", "2": "refused", "3": "password_wrong", "4": "mn_wrong", "5": "st_wrong", "6": "flag_wrong",
          "7": "qn_wrong", "8": "cn_wrong", "9": "crc_wrong", "100": "not_known"}  # fmt: skip
"""What a device says of a request (9011)."""
EXE_RTN = {"1": "done", "2": "failed_no_reason", "3": "command_wrong", "4": "communication_failed", "5": "busy",
           "6": "system_fault", "100": "no_data"}  # fmt: skip
"""What became of it (9012)."""
