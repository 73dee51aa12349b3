package main

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// Image is a container image of one layer: a folder's files.
type Image struct {
	name       string
	folder     string
	entrypoint []string
}

// importImage puts one onto the node: an archive, or a folder's files under a name.
func importImage(options options) error {
	state := State(options.state)
	switch len(options.rest) {
	case 1:
		return importArchive(state, options.rest[0])
	case 2:
		return importFolder(state, Image{folder: options.rest[0], name: options.rest[1]})
	}
	return errors.New("import takes an archive, or a folder and the image's name: `import rootfs localhost/app:1`")
}

func importFolder(state State, image Image) error {
	folder, err := os.MkdirTemp("", "streamspace-image-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	archive := filepath.Join(folder, "image.tar")
	if err := image.writeArchive(archive); err != nil {
		return err
	}
	return importArchive(state, archive)
}

func importArchive(state State, archive string) error {
	command := exec.Command("ctr", importArguments(state, archive)...)
	command.Stdout, command.Stderr = os.Stderr, os.Stderr
	return command.Run()
}

// writeArchive writes it as `docker save` does, which is the simplest form that all tools read.
func (image Image) writeArchive(path string) error {
	layer, err := os.CreateTemp(filepath.Dir(path), "layer-")
	if err != nil {
		return err
	}
	defer os.Remove(layer.Name())
	defer layer.Close()
	digest := sha256.New()
	if err := image.writeLayer(io.MultiWriter(layer, digest)); err != nil {
		return err
	}
	if _, err := layer.Seek(0, io.SeekStart); err != nil {
		return err
	}
	configuration, manifest, err := image.describe(hex.EncodeToString(digest.Sum(nil)))
	if err != nil {
		return err
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	archive := tar.NewWriter(file)
	return errors.Join(
		addFile(archive, "manifest.json", bytes.NewReader(manifest), int64(len(manifest))),
		addFile(archive, "config.json", bytes.NewReader(configuration), int64(len(configuration))),
		addOpenFile(archive, "layer.tar", layer),
		archive.Close(),
	)
}

func (image Image) describe(layerDigest string) (configuration, manifest []byte, err error) {
	configuration, err = json.Marshal(map[string]any{
		"architecture": runtime.GOARCH,
		"os":           "linux",
		"config": map[string]any{
			"Env":        []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
			"Entrypoint": image.entrypoint,
		},
		"rootfs": map[string]any{"type": "layers", "diff_ids": []string{"sha256:" + layerDigest}},
	})
	if err != nil {
		return nil, nil, err
	}
	manifest, err = json.Marshal([]map[string]any{{
		"Config": "config.json", "RepoTags": []string{image.name}, "Layers": []string{"layer.tar"},
	}})
	return configuration, manifest, err
}

// writeLayer writes the folder's files with their owners and modes.
func (image Image) writeLayer(to io.Writer) error {
	layer := tar.NewWriter(to)
	err := filepath.WalkDir(image.folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || path == image.folder {
			return err
		}
		return addPath(layer, image.folder, path, entry)
	})
	return errors.Join(err, layer.Close())
}

func addPath(archive *tar.Writer, root, path string, entry fs.DirEntry) error {
	info, err := entry.Info()
	if err != nil {
		return err
	}
	target := ""
	if entry.Type()&fs.ModeSymlink != 0 {
		if target, err = os.Readlink(path); err != nil {
			return err
		}
	}
	header, err := tar.FileInfoHeader(info, target)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if header.Name, err = filepath.Rel(root, path); err != nil {
		return err
	}
	if err := archive.WriteHeader(header); err != nil || !info.Mode().IsRegular() {
		return err
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = io.Copy(archive, file)
	return err
}

func addOpenFile(archive *tar.Writer, name string, file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	return addFile(archive, name, file, info.Size())
}

func addFile(archive *tar.Writer, name string, content io.Reader, size int64) error {
	header := &tar.Header{Name: name, Mode: 0o644, Size: size, Typeflag: tar.TypeReg}
	if err := archive.WriteHeader(header); err != nil {
		return err
	}
	_, err := io.Copy(archive, content)
	return err
}
