"""Pages and JSON APIs: what a service imports to answer people and programs."""

from essaim.text.languages import N_, speaking
from essaim.web.commands import act, command
from essaim.web.exports import export_csv
from essaim.web.forms import ParisInstant, read_form, submitted
from essaim.web.list_query import PageIn, SizeIn, takes
from essaim.web.listing import Column, Filter, Listing
from essaim.web.pages import flash, redirect, render
from essaim.web.problems import Problem
from essaim.web.said import said
from essaim.web.search import Search
from essaim.web.site import arrived_at, gettext_of, path_for, public_url, runtime_of, today_of
from essaim.web.visitors import SignedIn, allowed, may, require, visitor

__all__ = [
    "N_",
    "Column",
    "Filter",
    "Listing",
    "PageIn",
    "ParisInstant",
    "Problem",
    "Search",
    "SignedIn",
    "SizeIn",
    "act",
    "allowed",
    "arrived_at",
    "command",
    "export_csv",
    "flash",
    "gettext_of",
    "may",
    "path_for",
    "public_url",
    "read_form",
    "redirect",
    "render",
    "require",
    "runtime_of",
    "said",
    "speaking",
    "submitted",
    "takes",
    "today_of",
    "visitor",
]
