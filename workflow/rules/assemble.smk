rule assemble_fold:
    input:
        folds=f"<results>/{SPLIT}/folds.csv",
        images="<results>/index/images.csv",
        categories="<results>/index/categories.csv",
        source="<results>/index/source.json",
        record=record_of("ids"),
        digests=shards("sha256"),
        records=ancient(shards("records")),
        stretches=ancient(stretches),
    output:
        train=f"<results>/{SPLIT}/annotations_train_fold_{{fold}}.json",
        val=f"<results>/{SPLIT}/annotations_val_fold_{{fold}}.json",
    log:
        f"<results>/logs/{SPLIT}/assemble_fold_{{fold}}.log",
    benchmark:
        f"<results>/benchmarks/{SPLIT}/assemble_fold_{{fold}}.tsv"
    priority: 1
    conda:
        "../../envs/cocofolds.yaml"
    resources:
        mem_mb=memory_by_size(500),
        runtime=by_size(2, per_megabyte=0.001),
    params:
        image_ids=SOURCE.image_ids,
        made_from=digest_of_settings("ids"),
        code=digest_of("assemble_fold"),
    message:
        "Write train and val of fold {wildcards.fold} of {wildcards.n_folds}"
    script:
        "../../scripts/assemble_fold.py"


rule assemble_test:
    input:
        folds=f"<results>/{SPLIT}/folds.csv",
        images="<results>/index/images.csv",
        categories="<results>/index/categories.csv",
        source="<results>/index/source.json",
        record=record_of("ids"),
        digests=shards("sha256"),
        records=ancient(shards("records")),
        stretches=ancient(stretches),
    output:
        test=f"<results>/{SPLIT}/annotations_test.json",
    log:
        f"<results>/logs/{SPLIT}/assemble_test.log",
    benchmark:
        f"<results>/benchmarks/{SPLIT}/assemble_test.tsv"
    priority: 1
    conda:
        "../../envs/cocofolds.yaml"
    resources:
        mem_mb=memory_by_size(500),
        runtime=by_size(2, per_megabyte=0.001),
    params:
        image_ids=SOURCE.image_ids,
        made_from=digest_of_settings("ids"),
        code=digest_of("assemble_test"),
    message:
        "Write the images that are in no fold"
    script:
        "../../scripts/assemble_test.py"


rule assemble_all:
    input:
        images="<results>/index/images.csv",
        categories="<results>/index/categories.csv",
        source="<results>/index/source.json",
        record=record_of("ids"),
        digests=shards("sha256"),
        records=ancient(shards("records")),
        stretches=ancient(shards("stretches.csv")),
        offsets=ancient(shards("offsets.npy")),
    output:
        annotations="<results>/annotations_all.json",
        columns="<results>/annotations_all.npz",
    log:
        "<results>/logs/assemble_all.log",
    benchmark:
        "<results>/benchmarks/assemble_all.tsv"
    # The checks wait for it, one after the other.
    priority: 2
    conda:
        "../../envs/cocofolds.yaml"
    resources:
        mem_mb=memory_by_size(500),
        runtime=by_size(2, per_megabyte=0.001),
    params:
        image_ids=SOURCE.image_ids,
        made_from=digest_of_settings("ids"),
        code=digest_of("assemble_all"),
    message:
        "Write the whole data set"
    script:
        "../../scripts/assemble_all.py"
