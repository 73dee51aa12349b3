module stream.space/e2e/cluster

go 1.25.0
