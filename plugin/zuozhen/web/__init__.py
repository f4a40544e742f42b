"""Pages and interface: portal for enterprises, desk for staff, REST API. No SQL, no engine, no PDF library."""

from zuozhen.web.wiring import configure, register_web

__all__ = ["configure", "register_web"]
