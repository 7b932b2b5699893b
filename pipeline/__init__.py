"""zhanbao: from dumps of Chinese news reports to tables of campaign metrics. Importing does nothing else."""

__version__ = "0.1.0"
