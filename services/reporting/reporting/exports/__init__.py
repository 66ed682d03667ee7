"""The figures and lists of an edition as sheets, a workbook and a summary."""
