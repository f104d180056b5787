"""How good it is: evaluation folders, metrics, reports. Modules here are handed a built engine; they import no room."""
