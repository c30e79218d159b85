rule archive_split:
    input:
        lambda wildcards: files_of_split(split_of(wildcards)),
    output:
        archive=f"<results>/{SPLIT}.zip",
        complete=f"<results>/{SPLIT}/.archive.json",
    log:
        f"<results>/logs/{SPLIT}/archive.log",
    benchmark:
        f"<results>/benchmarks/{SPLIT}/archive.tsv"
    conda:
        "../../envs/cocofolds.yaml"
    resources:
        mem_mb=memory_by_size(400),
        runtime=by_size(2, per_megabyte=0.005),
    params:
        code=digest_of("archive"),
    message:
        "Pack the split into an archive"
    script:
        "../../scripts/archive.py"


rule yolo_labels:
    input:
        refuse_storage,
        whole="<results>/annotations_all.json",
    output:
        summary="<results>/yolo/summary.json",
        # Beside the label files, since a user may put files there too.
        complete="<results>/yolo/labels/.complete.json",
    log:
        "<results>/logs/yolo_labels.log",
    benchmark:
        "<results>/benchmarks/yolo_labels.tsv"
    conda:
        "../../envs/yolo.yaml"
    resources:
        mem_mb=memory_by_size(800),
        runtime=by_size(2, per_megabyte=0.2),
    params:
        code=digest_of("yolo_labels"),
    message:
        "Write the masks as polygons for Ultralytics"
    script:
        "../../scripts/yolo_labels.py"


rule yolo_fold:
    input:
        train=f"<results>/{SPLIT}/annotations_train_fold_{{fold}}.json",
        val=f"<results>/{SPLIT}/annotations_val_fold_{{fold}}.json",
        labels="<results>/yolo/labels/.complete.json",
        record=record_of("images"),
    output:
        data=f"<results>/{SPLIT}/yolo/fold_{{fold}}/data.yaml",
        complete=f"<results>/{SPLIT}/yolo/fold_{{fold}}/.complete.json",
    log:
        f"<results>/logs/{SPLIT}/yolo_fold_{{fold}}.log",
    benchmark:
        f"<results>/benchmarks/{SPLIT}/yolo_fold_{{fold}}.tsv"
    localrule: True
    conda:
        "../../envs/cocofolds.yaml"
    resources:
        mem_mb=memory_by_size(800),
        runtime=by_size(5),
    params:
        # A function, since Snakemake takes braces in a plain value for wildcards.
        images_dir=lambda wildcards: LOCATED["images_dir"],
        code=digest_of("yolo_fold"),
    message:
        "Put fold {wildcards.fold} together for Ultralytics"
    script:
        "../../scripts/yolo_fold.py"


rule export_splits:
    input:
        images="<results>/index/images.csv",
        folds=f"<results>/{SPLIT}/folds.csv",
        checks=f"<results>/{SPLIT}/checks.json",
    output:
        nnunet=f"<results>/{SPLIT}/splits_final.json",
        monai=f"<results>/{SPLIT}/monai.json",
    log:
        f"<results>/logs/{SPLIT}/export_splits.log",
    benchmark:
        f"<results>/benchmarks/{SPLIT}/export_splits.tsv"
    localrule: True
    conda:
        "../../envs/cocofolds.yaml"
    resources:
        mem_mb=memory_by_size(400, per_megabyte=1),
        runtime=by_size(2),
    params:
        code=digest_of("export_splits"),
    message:
        "Write the folds as nnU-Net and MONAI read them"
    script:
        "../../scripts/export_splits.py"


rule list_files:
    input:
        images="<results>/index/images.csv",
        folds=f"<results>/{SPLIT}/folds.csv",
        checks=f"<results>/{SPLIT}/checks.json",
    output:
        train=f"<results>/{SPLIT}/files_train_fold_{{fold}}.txt",
        val=f"<results>/{SPLIT}/files_val_fold_{{fold}}.txt",
    log:
        f"<results>/logs/{SPLIT}/list_files_{{fold}}.log",
    benchmark:
        f"<results>/benchmarks/{SPLIT}/list_files_{{fold}}.tsv"
    localrule: True
    conda:
        "../../envs/cocofolds.yaml"
    resources:
        mem_mb=memory_by_size(400, per_megabyte=1),
        runtime=by_size(2),
    params:
        code=digest_of("list_files"),
    message:
        "List the image files of fold {wildcards.fold}"
    script:
        "../../scripts/list_files.py"
