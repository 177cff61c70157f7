"""The mailbox: IMAP for reading, SMTP for sending.

`reader` reads the inbox and `outgoing` sends mails or stores drafts, both through the account in
`imap`, in threads whose connections can be cut; `mailbox` is what is asked of folders, `smtp` hands
a mail over. `message`, `part`, `text` and `plain` make bounded, visible text of what anybody
sent. Others
also import `types`.
"""
