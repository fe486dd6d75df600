"""What the camera wrote, with every trap that real files hold."""

from __future__ import annotations

import csv
import json

import pytest
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from geo.errors import EmptyFile, NotAnImage, Truncated, UnreadableFile
from geo.tags import Tags, read_tags, tags_of
from tests.geo.pictures import BRIGHTON_LIKE, dms, gps_at, jpeg, xmp_packet

PUTUO = (121.40, 31.25)


def with_xmp(**values):
    return tags_of(jpeg(xmp_packet({**BRIGHTON_LIKE, **values}), gps=gps_at(*PUTUO)), "x.jpg")


@pytest.mark.parametrize("elements", [False, True])
def test_angles_and_heights_are_read_as_attributes_and_as_elements(elements):
    tags = tags_of(jpeg(xmp_packet(BRIGHTON_LIKE, elements=elements)), "x.jpg")
    assert (tags.gimbal_yaw_deg, tags.gimbal_pitch_deg, tags.gimbal_roll_deg) == (44.2, -89.9, 0.0)
    assert (tags.relative_altitude_m, tags.absolute_altitude_m, tags.flight_yaw_deg) == (40.1, 198.61, 42.8)
    assert (tags.width_px, tags.height_px) == (80, 45)


@pytest.mark.parametrize("longitude", ["GpsLongitude", "GpsLongtitude", "Longitude"])
def test_old_and_new_and_misspelt_names_of_the_position_are_read(longitude):
    latitude = "Latitude" if longitude == "Longitude" else "GpsLatitude"
    tags = tags_of(jpeg(xmp_packet({longitude: "+121.4000001", latitude: "31.2500002"})), "x.jpg")
    assert (tags.lon, tags.lat) == (121.4000001, 31.2500002)


@pytest.mark.parametrize("place", [(121.4, 31.25), (-91.9943, 46.8428), (149.0251, -20.2533), (-58.46, -34.74)])
def test_position_from_exif_has_its_hemisphere(place):
    tags = tags_of(jpeg(gps=gps_at(*place)), "x.jpg")
    assert (tags.lon, tags.lat) == pytest.approx(place, abs=1e-9)


def test_a_position_without_hemisphere_is_none():
    gps = gps_at(*PUTUO)
    del gps[3]
    tags = tags_of(jpeg(gps=gps), "x.jpg")
    assert (tags.lon, tags.lat) == (None, None)
    assert "gps_hemisphere_missing" in tags.warnings


def test_zero_zero_is_no_position():
    tags = tags_of(jpeg(xmp_packet({"GpsLatitude": "0.0000", "GpsLongitude": "0"}), gps=gps_at(0.0, 0.0)), "x.jpg")
    assert (tags.lon, tags.lat, tags.warnings) == (None, None, ("position_zero",))


def test_a_position_off_the_globe_is_none():
    tags = tags_of(jpeg(xmp_packet({"GpsLatitude": "121.4", "GpsLongitude": "31.25"})), "x.jpg")
    assert (tags.lat, tags.warnings) == (None, ("position_out_of_range",))


def test_exif_and_xmp_apart_keep_exif_and_say_so():
    tags = with_xmp(GpsLatitude="31.2600", GpsLongitude="121.4000")
    assert (tags.lon, tags.lat) == pytest.approx(PUTUO)
    assert "position_contradicts" in tags.warnings
    assert tags.position_doubt_m == pytest.approx(1112.0, rel=0.01)  # 0.01° of latitude
    assert with_xmp(GpsLatitude="31.25000001", GpsLongitude="121.4").position_doubt_m is None
    assert "position_contradicts" not in with_xmp(GpsLatitude="31.25000001", GpsLongitude="121.4").warnings


def test_a_receiver_without_fix_gives_no_position():
    tags = with_xmp(GpsStatus="Invalid")
    assert (tags.lon, tags.warnings) == (None, ("gps_void",))


def test_ratios_over_zero_are_absent_and_not_zero():
    tags = tags_of(jpeg(details={0xA404: (0, 0), 0x920A: (0, 1), 0xA405: 0}), "x.jpg")
    assert (tags.digital_zoom, tags.focal_mm, tags.focal_35mm) == (None, None, None)


@pytest.mark.parametrize(
    "latitude",
    [
        ((31, 1), (0, 0), (3000, 100)),  # what is left would be 31 degrees and 30 minutes
        ((31, 1), (15, 1), (0, 0)),
        ((31, 1), (75, 1), (0, 1)),
        ((31, 1), (15, 1), (900, 1)),
    ],
)
def test_degrees_of_which_a_part_is_no_number_are_no_place(latitude):
    gps = {**gps_at(*PUTUO), 2: tuple(IFDRational(*part) for part in latitude)}
    tags = tags_of(jpeg(xmp_packet(BRIGHTON_LIKE), gps=gps), "x.jpg")
    assert (tags.lon, tags.lat, tags.warnings) == (None, None, ("gps_unreadable",))
    placed = xmp_packet({**BRIGHTON_LIKE, "GpsLatitude": "31.25", "GpsLongitude": "121.4"})
    assert tags_of(jpeg(placed, gps=gps), "x.jpg").lat == 31.25


def test_numbers_of_the_types_float_and_double_are_read():
    """Pillow writes a plain float so; the standard's own type is a ratio."""
    tags = tags_of(jpeg(details={0x920A: 3.61}), "x.jpg")
    assert tags.focal_mm == pytest.approx(3.61)


@pytest.mark.parametrize(("datum", "doubt"), [("TOKYO", 500.0), ("WGS-84", None), ("WGS 84", None), ("CGCS2000", None)])
def test_a_datum_that_is_not_wgs84_is_said_and_doubted(datum, doubt):
    tags = tags_of(jpeg(xmp_packet(BRIGHTON_LIKE), gps={**gps_at(*PUTUO), 18: datum}), "x.jpg")
    assert tags.position_doubt_m == doubt
    assert ("gps_datum_other" in tags.warnings) is (doubt is not None)


def test_numbers_as_makers_write_them():
    tags = with_xmp(RelativeAltitude="+16.508", GimbalYawDegree="82.400002", AbsoluteAltitude="-3.5")
    assert (tags.relative_altitude_m, tags.gimbal_yaw_deg, tags.absolute_altitude_m) == (16.508, 82.400002, -3.5)
    assert with_xmp(GimbalYawDegree="north").gimbal_yaw_deg is None
    assert with_xmp(GimbalYawDegree="9999").gimbal_yaw_deg is None
    assert "angle_out_of_range" in with_xmp(GimbalYawDegree="9999").warnings


def test_rtk_and_calibration_are_read():
    tags = with_xmp(
        RtkFlag="50", RtkStdLon="0.01053", RtkStdLat="0.01380", RtkStdHgt="0.02050", DewarpFlag="0",
        CalibratedFocalLength="1913.333374", CalibratedOpticalCenterX="800.000000", CalibratedOpticalCenterY="650.0",
        DewarpData="2022-03-02;1973.09,1955.65,-19.04,-11.42,-0.42,0.36,0.004,0.004,-0.26",
    )  # fmt: skip
    assert (tags.rtk_flag, tags.rtk_std_lat_m, tags.rtk_std_height_m) == (50, 0.0138, 0.0205)
    assert tags.dewarp[:4] == (1973.09, 1955.65, -19.04, -11.42)
    assert tags.dewarped is False


@pytest.mark.parametrize("written", ["", "2022-03-02;1,2,3", "2022;a,b,c,d,e,f,g,h,i", "d;0,0,0,0,0,0,0,0,0"])
def test_dewarp_data_that_are_none_are_left_out(written):
    assert with_xmp(DewarpData=written).dewarp == ()


def test_what_is_odd_is_said():
    zeros = with_xmp(GimbalYawDegree="0.00", GimbalPitchDegree="0.00", GimbalRollDegree="0.00")
    assert "gimbal_all_zero" in zeros.warnings
    assert "relative_altitude_negative" in with_xmp(RelativeAltitude="-2.1").warnings
    assert "orientation_set" in tags_of(jpeg(exif={0x0112: 6}), "x.jpg").warnings
    assert "edited_by_software" in tags_of(jpeg(exif={0x0131: "Adobe Photoshop 25.0"}), "x.jpg").warnings
    assert "size_contradicts" in tags_of(jpeg(details={0xA002: 4000, 0xA003: 2250}), "x.jpg").warnings
    pix4d = tags_of(jpeg(xmp_packet({"Camera:Yaw": "12", "Camera:Pitch": "3", "Camera:Roll": "0"})), "x.jpg")
    assert pix4d.gimbal_pitch_deg is None
    assert "angles_of_unknown_frame" in pix4d.warnings


def test_a_firmware_in_the_software_tag_is_no_editor():
    tags = tags_of(jpeg(exif={0x0131: "v01.23.4920", 0x010F: "DJI", 0x0110: "FC300S"}), "x.jpg")
    assert (tags.make, tags.model, tags.warnings) == ("DJI", "FC300S", ())


def test_times_are_taken_without_a_zone_unless_one_is_written():
    details = {0x9003: "2026:11:24 08:15:00", 0x9011: "+08:00", 0x9291: "481"}
    tags = tags_of(jpeg(details=details, gps={29: "2026:11:24", 7: (0, 15, 1)}), "x.jpg")
    assert (tags.taken_at, tags.utc_offset, tags.gps_time_utc) == (
        "2026-11-24T08:15:00.481",
        "+08:00",
        "2026-11-24T00:15:01Z",
    )


@pytest.mark.parametrize("written", ["0000:00:00 00:00:00", "2026:02:30 10:00:00", "2026:11:24 25:00:00", "yesterday"])
def test_a_time_that_cannot_be_is_none(written):
    assert tags_of(jpeg(details={0x9003: written}), "x.jpg").taken_at is None


def test_height_below_the_sea_is_negative():
    assert tags_of(jpeg(gps={5: b"\x01", 6: dms(12.5)[0]}), "x.jpg").gps_altitude_m == -12.0


def test_tags_come_back_from_json():
    tags = with_xmp(DewarpData="d;1,2,3,4,5,6,7,8,9", RelativeAltitude="-1")
    again = Tags.from_json(json.loads(json.dumps(tags.to_json())))
    assert again == tags
    assert Tags.from_json({**tags.to_json(), "from_the_future": 1}) == tags


def test_an_empty_file_is_refused(tmp_path):
    (tmp_path / "x.jpg").touch()
    with pytest.raises(EmptyFile):
        read_tags(tmp_path / "x.jpg")


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(UnreadableFile):
        read_tags(tmp_path / "none.jpg")


@pytest.mark.parametrize(
    "data", [b"hello, this is text", b"\xff\xd8hello", b"GIF89a", b"II*\x00nonsense", b"\x00" * 500]
)
def test_what_is_no_picture_is_refused(data):
    with pytest.raises(NotAnImage):
        tags_of(data, "x.jpg")


def test_a_picture_cut_anywhere_is_truncated():
    whole = jpeg(xmp_packet(BRIGHTON_LIKE), gps=gps_at(*PUTUO))
    assert tags_of(whole, "x.jpg").lon is not None
    for length in (10, len(whole) // 4, len(whole) // 2, len(whole) - 200, len(whole) - 1):
        with pytest.raises(Truncated):
            tags_of(whole[:length], "x.jpg")


def test_a_picture_filled_up_with_zeros_is_truncated():
    whole = jpeg()
    with pytest.raises(Truncated):
        tags_of(whole[: len(whole) // 2] + bytes(len(whole) // 2), "x.jpg")


def test_bytes_after_the_picture_do_not_matter():
    assert tags_of(jpeg() + b"trailing bytes of the maker", "x.jpg").width_px == 80


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP", "BMP"])
def test_other_pictures_have_their_size(tmp_path, kind):
    path = tmp_path / "x"
    Image.new("RGB", (64, 48)).save(path, kind)
    assert (read_tags(path).width_px, read_tags(path).height_px) == (64, 48)


def test_a_png_cut_short_is_truncated(tmp_path):
    Image.effect_noise((64, 48), 50).save(tmp_path / "x.png")
    with pytest.raises(Truncated):
        tags_of((tmp_path / "x.png").read_bytes()[:-20], "x.png")


def test_damaged_exif_is_said_and_the_picture_is_taken():
    data = jpeg(gps=gps_at(*PUTUO))
    at = data.index(b"Exif\x00\x00") + 6
    tags = tags_of(data[: at + 4] + b"\xff\xff\xff\xff" + data[at + 8 :], "x.jpg")
    assert tags.lon is None
    assert tags.width_px == 80


@pytest.mark.given
def test_thermal_pictures_are_known_by_their_raw_heat(shared):
    hot = [*(shared / "data/thermal").glob("*.jpg"), *(shared / "data/flights/nogps").glob("*.JPG")]
    assert [read_tags(path).thermal for path in hot] == [True] * 4
    assert not read_tags(shared / "data/flights/brighton/DJI_0020.JPG").thermal


@pytest.mark.given
def test_every_given_flight_reads_as_its_table_says(shared):
    """geometry.csv was read by another program."""
    columns = {
        "rel_alt": "relative_altitude_m",
        "g_yaw": "gimbal_yaw_deg",
        "g_pitch": "gimbal_pitch_deg",
        "g_roll": "gimbal_roll_deg",
        "f_yaw": "flight_yaw_deg",
        "focal_mm": "focal_mm",
        "f35": "focal_35mm",
    }
    seen = 0
    for table in sorted((shared / "data/flights").glob("*/geometry.csv")):
        for row in csv.DictReader(table.read_text().splitlines()):
            if not (table.parent / row["file"]).exists():
                continue
            tags = read_tags(table.parent / row["file"])
            assert (tags.lon, tags.lat) == pytest.approx((float(row["lon"]), float(row["lat"])), abs=2e-7)
            for column, field in columns.items():
                value = getattr(tags, field)
                assert (value is None) == (row[column] == "")
                assert value is None or value == pytest.approx(float(row[column]), abs=0.006)
            assert tags.taken_at == row["time"].replace(":", "-", 2).replace(" ", "T")
            seen += 1
    assert seen == 12
