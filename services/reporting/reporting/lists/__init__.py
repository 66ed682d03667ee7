"""The lists behind the figures: what an edition page, a workbook and a page of facts list."""
