"""What devices sent, as it came: raw segments, and an index over their packets that can be made anew from them."""
