"""How each figure is made: one query over the read model, and its formula in words.

Each file is a concept; `catalogue` lists every indicator in the order of the edition page.
"""
