"""Messages that people write to the assistant on WhatsApp."""
