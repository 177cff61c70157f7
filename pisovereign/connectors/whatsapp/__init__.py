"""WhatsApp through Meta's Graph API."""
