"""What people print and send: papers as PDF, data beside them, bags. Plain types in, bytes out; no decision."""
