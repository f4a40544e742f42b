"""Pages and interface: portal for enterprises, desk for staff, REST API. No SQL, no engine, no PDF library."""

from zuozhen.web.wiring import register_web

__all__ = ["register_web"]
