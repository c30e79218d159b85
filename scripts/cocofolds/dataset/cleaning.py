"""What the settings do to valid masks of tables: change them, or leave them out."""

from collections.abc import Mapping, Sequence

from cocofolds.dataset.images import SourceImage
from cocofolds.dataset.rejection import ChangedRow, RejectedRow
from cocofolds.masks.cleaning import Hygiene, area, clean, digest_of_mask
from cocofolds.sources.records import AnnotationRow, TableRow


class Cleaning:
    """Clean the masks of a source, and remember what that did to them.

    Attributes
    ----------
    hygiene : Hygiene
    left_out : list of RejectedRow
    changed : list of ChangedRow
    """

    def __init__(self, hygiene: Hygiene) -> None:
        self.hygiene = hygiene
        self.left_out: list[RejectedRow] = []
        self.changed: list[ChangedRow] = []
        # The number of the first row with each mask of each image.
        self._first_rows: dict[tuple[int, bytes], int] = {}

    def clean(
        self, rows: Sequence[AnnotationRow], images: Mapping[str, SourceImage]
    ) -> Sequence[AnnotationRow]:
        """Return the rows that are kept, with their masks as the settings have them."""
        if self.hygiene == Hygiene():
            return rows
        kept: list[AnnotationRow] = []
        for row in rows:
            if isinstance(row, TableRow):
                image = images[row.image]
                row = self._changed(row, image)
                if reason := self._reason_to_leave_out(row, image):
                    where = row.path, row.line, row.image
                    self.left_out.append(RejectedRow(*where, reason))
                    continue
            kept.append(row)
        return kept

    def _changed(self, row: TableRow, image: SourceImage) -> TableRow:
        hygiene = self.hygiene
        if not (hygiene.fill_holes or hygiene.keep_largest_part):
            return row
        runs, changes = clean(
            row.runs,
            image.height,
            image.width,
            row.dialect.order,
            fill_holes=hygiene.fill_holes,
            keep_largest_part=hygiene.keep_largest_part,
        )
        self.changed += [
            ChangedRow(row.path, row.line, row.image, change) for change in changes
        ]
        return row._replace(runs=runs)

    def _reason_to_leave_out(self, row: TableRow, image: SourceImage) -> str:
        size, least = area(row.runs), self.hygiene.min_area
        if size < least:
            return f"its {size} pixels are fewer than `min_area`, {least}"
        if self.hygiene.drop_duplicates:
            mask = image.image_id, digest_of_mask(row.runs, row.dialect.order)
            first = self._first_rows.setdefault(mask, row.number)
            if first != row.number:
                return f"it has the mask of annotation {first} again"
        return ""
