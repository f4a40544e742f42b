"""The tables of a pack's manifest, edited row by row: organisation, recurrences, numbering, codes, texts."""

from zuozhen.services.studio.tables.editing import add_list, delete_row, move_row, save_row
from zuozhen.services.studio.tables.reading import index_of_tables, preview_dates, table_view
from zuozhen.services.studio.tables.shapes import Column, Table
from zuozhen.services.studio.tables.views import IndexEntry, RowView, TableView

__all__ = [
    "Column",
    "IndexEntry",
    "RowView",
    "Table",
    "TableView",
    "add_list",
    "delete_row",
    "index_of_tables",
    "move_row",
    "preview_dates",
    "save_row",
    "table_view",
]
