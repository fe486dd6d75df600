"""What the gateway has to say to a device on its own account: the time, and which periods it should send again."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from hj212.answers import Spoken, ask_for, clock_wanted, qn_of, set_clock
from hj212.stream import Packet
from hj212.words import ANSWERS_OF_A_DEVICE, PERIODS, REQUEST_TAKEN, SET_CLOCK
from pipelines.gateway.missing import CLOCK_SIGHTS, between, drift_s, step_of
from pipelines.gateway.registered import Registered
from pipelines.settings import GatewaySettings
from pipelines.store.telemetry.packets import Asking

MOST_DEVICES = 50_000
SIGHTS = 8
GOOD = "1"


@dataclass(slots=True)
class _Device:
    """What is known of a device while it talks."""

    spoken: Spoken
    offsets: deque[float] = field(default_factory=lambda: deque(maxlen=CLOCK_SIGHTS))
    minutes: deque[datetime] = field(default_factory=lambda: deque(maxlen=SIGHTS))
    latest: dict[str, datetime] = field(default_factory=dict)
    clock_set: datetime | None = None
    setting: Asking | None = None
    setting_tries: int = 0
    asking: Asking | None = None
    request: bytes = b""
    tries: int = 0
    in_vain: int = 0


class Talk:
    """What is said to devices beside answers. Holds at most `MOST_DEVICES`; the one silent longest is forgotten.

    Args:
        settings: how long, how often, how far back.
        note: is given each request and each change of it.
        latest: last `DataTime` of (MN, CN) before this run, so that a gap over a restart is seen.
    """

    def __init__(
        self,
        settings: GatewaySettings,
        note: Callable[[Asking], None],
        latest: dict[tuple[str, str], datetime] | None = None,
    ) -> None:
        self._settings, self._note, self._before = settings, note, latest or {}
        self._devices: OrderedDict[str, _Device] = OrderedDict()
        self._sequence = 0

    def heard(self, packet: Packet, registered: Registered, clock_s: float | None, now: datetime) -> list[bytes]:
        """What a packet moves us to say.

        Args:
            packet: taken, with a good check sum.
            registered: what the registry says of its device.
            clock_s: by how much its clock is ahead, as this packet shows.
            now: the instant.
        """
        fields = packet.fields
        device = self._device(packet)
        if fields.cn in ANSWERS_OF_A_DEVICE:
            self._answered(device, fields.qn, fields.cn, dict(fields.params), now)
            return []
        said = []
        if clock_wanted(fields):
            said.append(self._time(device, now))
        elif clock_s is not None and (device.asking is None or fields.qn != device.asking.qn):
            device.offsets.append(clock_s)
            if self._off(device, now):
                said.append(self._time(device, now))
        asked = self._gap(device, fields.cn, fields.data_time, registered, now)
        return [*said, asked] if asked else said

    def due(self, now: datetime) -> list[tuple[str, bytes]]:
        """Requests to say again, by MN; those said often enough in vain are given up."""
        again = []
        for mn, device in self._devices.items():
            asking, setting, most = device.asking, device.setting, self._settings.request_tries
            if setting is not None and now >= self._patient_until(setting, device.setting_tries):
                if setting.state == "sent" and device.setting_tries < most:
                    device.setting_tries += 1  # the same number, and the time as it is by now
                    again.append((mn, set_clock(device.spoken, qn=setting.qn, at=now)))
                else:
                    self._set(device, "unanswered", now)
            if asking is None or now < self._patient_until(asking, device.tries):
                continue
            if asking.state == "sent" and device.tries < most:
                device.tries += 1
                again.append((mn, device.request))
            else:
                self._over(device, "unanswered", now)
        return again

    def _patient_until(self, asking: Asking, tries: int) -> datetime:
        if asking.answered_at is not None:  # it took the request, and now sends what was asked for
            return asking.answered_at + timedelta(seconds=self._settings.request_done_s)
        return asking.asked_at + timedelta(seconds=self._settings.request_timeout_s * max(1, tries))

    def _device(self, packet: Packet) -> _Device:
        mn = packet.fields.mn
        device = self._devices.pop(mn, None)
        spoken = Spoken.by(packet.fields, packet.crc_mode)
        if device is None:
            device = _Device(spoken)
            device.latest = {cn: self._before.pop((mn, cn)) for cn in PERIODS if (mn, cn) in self._before}
        elif packet.fields.cn not in ANSWERS_OF_A_DEVICE:
            device.spoken = spoken
        self._devices[mn] = device
        while len(self._devices) > MOST_DEVICES:
            self._devices.popitem(last=False)
        return device

    def _off(self, device: _Device, now: datetime) -> bool:
        off = drift_s(device.offsets)
        rests = timedelta(seconds=self._settings.clock_again_s)
        if not self._settings.set_clocks or off is None or abs(off) < self._settings.clock_drift_s:
            return False
        return device.clock_set is None or now - device.clock_set >= rests

    def _time(self, device: _Device, now: datetime) -> bytes:
        device.clock_set = now
        device.offsets.clear()
        qn = self._qn(now)
        words = set_clock(device.spoken, qn=qn, at=now)
        device.setting, device.setting_tries = Asking(qn, device.spoken.mn, SET_CLOCK, now, now, now), 1
        self._note(device.setting)
        return words

    def _gap(
        self, device: _Device, cn: str, at: datetime | None, registered: Registered, now: datetime
    ) -> bytes | None:
        if cn not in PERIODS or at is None:
            return None
        latest = device.latest.get(cn)
        device.latest[cn] = at if latest is None else max(at, latest)
        if cn == "2051" and (not device.minutes or at > device.minutes[-1]):
            device.minutes.append(at)
        step = step_of(cn, registered.interval_s, list(device.minutes))
        ours = self._settings
        if latest is None or step is None or device.asking or device.in_vain >= ours.request_tries or not ours.ask_gaps:
            return None
        missing = between(latest, at, step, back=timedelta(hours=ours.ask_back_hours), longest=timedelta(days=1))
        if missing is None:
            return None
        qn = self._qn(now)
        device.request = ask_for(device.spoken, cn, qn=qn, begin=missing[0], end=missing[1])
        device.asking, device.tries = Asking(qn, device.spoken.mn, cn, *missing, now), 1
        self._note(device.asking)
        return device.request

    def _answered(self, device: _Device, qn: str, cn: str, params: dict[str, str], now: datetime) -> None:
        asking = device.asking
        if device.setting is not None and device.setting.qn == qn:
            self._set(device, _state_of(cn, params), now)
        if asking is None or asking.qn != qn:
            return
        state = _state_of(cn, params)
        if state == "taken":
            device.asking = replace(asking, state=state, answered_at=now)
            self._note(device.asking)
        else:
            self._over(device, state, now)

    def _set(self, device: _Device, state: str, now: datetime) -> None:
        """What became of a clock that was to be set."""
        if device.setting is not None:
            noted = replace(device.setting, state=state, answered_at=now if state != "unanswered" else None)
            self._note(noted)
            device.setting = noted if state == "taken" else None

    def _over(self, device: _Device, state: str, now: datetime) -> None:
        if device.asking is not None:
            self._note(replace(device.asking, state=state, answered_at=now if state != "unanswered" else None))
        device.in_vain = 0 if state == "done" else device.in_vain + 1
        device.asking = None

    def _qn(self, now: datetime) -> str:
        """A number that no other request of this run has."""
        self._sequence = (self._sequence + 1) % 1000
        return qn_of(now)[:-3] + f"{self._sequence:03d}"


def _state_of(cn: str, params: dict[str, str]) -> str:
    """What a device's answer says of a request."""
    if cn == REQUEST_TAKEN:
        return "taken" if params.get("QnRtn") == GOOD else "refused"
    return "done" if params.get("ExeRtn") == GOOD else "refused"
