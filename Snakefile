# The files that may have the settings, in the folder where one works.
CONFIG_FILES = ["config.yaml"]


# This includes a file for each stage.
include: "workflow/rules/main.smk"


rule all:
    input:
        EVERYTHING,
    localrule: True
