"""Why an item is among the results, and regions of examples: what the inspector and the tray gain."""
