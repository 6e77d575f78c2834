"""Certificates as a web site: static, offline, from the files alone.

`facts` reads a certificate into plain data, `families` sorts certificates into pages, `site` renders the templates.
"""
