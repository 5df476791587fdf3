"""Work packets in the window: send work to somebody, judge it, bring the answers home."""
