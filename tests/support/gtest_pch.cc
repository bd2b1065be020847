// The precompiled header needs a target to stand in.
