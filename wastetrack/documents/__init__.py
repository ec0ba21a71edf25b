"""Printed pages: plain data in, PDF bytes out. Knows reportlab and qrcode; knows no Flask and no SQL."""
