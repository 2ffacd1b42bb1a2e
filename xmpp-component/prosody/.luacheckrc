std = "lua52c"
globals = { "module" }
read_globals = { "prosody" }
max_line_length = 120
