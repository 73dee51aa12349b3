//! The templates in a folder of YAML files.

use std::{fs, io, path::Path};

use streamspace_resources::{Catalog, CatalogProblem, Template, parse_template};

/// No template needs more; a larger file is something else.
const MAX_FILE_BYTES: u64 = 256 * 1024;

/// Reads every `*.yaml` and `*.yml` in `folder`. What cannot be used becomes a problem that names
/// its file, and hides no other.
pub fn read_catalog(folder: &Path) -> Catalog {
    let mut catalog = Catalog::default();
    let files = match template_files(folder) {
        Ok(files) => files,
        Err(error) => {
            catalog.problems.push(CatalogProblem {
                file: folder.display().to_string(),
                message: format!("the folder of templates cannot be read: {error}"),
            });
            return catalog;
        }
    };
    for file in files {
        match read_template(&folder.join(&file), &catalog.items) {
            Ok(template) => catalog.items.push(template),
            Err(message) => catalog.problems.push(CatalogProblem { file, message }),
        }
    }
    catalog
}

fn template_files(folder: &Path) -> io::Result<Vec<String>> {
    let mut files: Vec<String> = fs::read_dir(folder)?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.ends_with(".yaml") || name.ends_with(".yml"))
        .collect();
    files.sort();
    Ok(files)
}

fn read_template(file: &Path, others: &[Template]) -> Result<Template, String> {
    let size = file.metadata().map_err(|error| error.to_string())?.len();
    if size > MAX_FILE_BYTES {
        return Err(format!(
            "{size} bytes are too many for a template; {MAX_FILE_BYTES} is the most"
        ));
    }
    let text = fs::read_to_string(file).map_err(|error| error.to_string())?;
    let template = parse_template(&text).map_err(|error| error.to_string())?;
    let name = &template.metadata.name;
    if others.iter().any(|other| other.metadata.name == *name) {
        return Err(format!(
            "another file already holds a template named {name:?}; rename one"
        ));
    }
    Ok(template)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str = "{apiVersion: stream.space/v1alpha1, kind: Template, metadata: {name: a}, spec: {displayName: A, command: [a]}}";

    #[test]
    fn a_broken_file_is_named_and_hides_no_other() {
        let folder = tempfile::tempdir().expect("a folder");
        let write =
            |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("written");
        write("a.yaml", TEMPLATE);
        write("b.yml", "spec: [");
        write("c.yaml", TEMPLATE);
        write("readme.md", "no template");
        let catalog = read_catalog(folder.path());
        let names: Vec<&str> = catalog
            .items
            .iter()
            .map(|item| item.metadata.name.as_str())
            .collect();
        let files: Vec<&str> = catalog
            .problems
            .iter()
            .map(|problem| problem.file.as_str())
            .collect();
        assert_eq!(names, ["a"]);
        assert_eq!(files, ["b.yml", "c.yaml"]);
        assert!(catalog.problems[1].message.contains("named \"a\""));
    }

    #[test]
    fn a_missing_folder_is_a_problem_and_no_panic() {
        let catalog = read_catalog(Path::new("/nowhere/templates"));
        assert_eq!(catalog.problems[0].file, "/nowhere/templates");
    }

    #[test]
    fn the_templates_that_come_with_streamspace_are_all_usable() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../templates");
        let catalog = read_catalog(&folder);
        assert_eq!(catalog.problems, []);
        assert!(catalog.items.len() >= 6);
    }
}
