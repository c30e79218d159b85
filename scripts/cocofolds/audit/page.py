"""An audit as a page."""

from cocofolds.audit.verdict import Audit


def audit_page(audit: Audit) -> bytes:
    """Render the page of an audit."""
    raise NotImplementedError(audit)
