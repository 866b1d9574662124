"""The core of Copydesk: pure functions over values, and one door to Label Studio."""
