"""Mail: an IMAP mailbox that is read without leaving a trace, and a server that sends."""
