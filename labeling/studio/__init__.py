"""The one door to Label Studio. Label Studio's own names are used here and nowhere else."""
