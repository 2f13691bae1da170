"""Starts programs on pretended nodes: the real NCCL over the libraries of this folder (README.md)."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import xml.etree.ElementTree

HERE = pathlib.Path(__file__).resolve().parent
TOPOLOGY = {"a100": HERE / "machines/dgx_a100.xml", "h100": HERE / "machines/hgx_h100.xml"}
PORT_RATE = {"a100": "200 Gb/sec (4X HDR)", "h100": "400 Gb/sec (4X NDR)"}
CANNOT = 77
RANKS_PER_NODE = 8

# The shell inside the new namespaces; $0 holds the folders in place of /sys/class, $1 is the node's number, $2 that of an
# adapter which it lacks, or empty.
ENTER_NODE = """
hostname "pretended$1" && mount --bind "$0/$1" /sys/class || exit 77
[ ! -d "$0/$1/gpus" ] || mount --bind "$0/$1/gpus" /sys/bus/pci/devices || exit 77
export NCCL_HOSTID="pretended$1"
[ -z "$2" ] || export HOCKNEY_PRETENDED_MISSING_ADAPTER="$2"
shift 2
exec "$@"
"""


def temporary_folder(case):
    """A folder that ends with the test class."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="hockney-pretended-"))
    case.addClassCleanup(shutil.rmtree, folder, ignore_errors=True)
    return folder


NAMESPACES = ["unshare", "--uts", "--mount"]  # a host name and mounts of its own


def as_root():
    """What a user who is not root starts everything with: root in one namespace, so that ranks may share memory."""
    return [] if os.geteuid() == 0 else ["unshare", "--map-root-user"]


def why_not(nccl):
    """Why this host cannot pretend; empty when it can."""
    if "HYDRA" not in subprocess.run(["mpiexec", "--version"], capture_output=True, text=True).stdout:
        return "mpiexec is not MPICH's, which can start ranks for several hosts on one"
    if nccl is None:
        return "the program has no libnccl"
    symbols = subprocess.run(["readelf", "-S", "--wide", nccl], capture_output=True, text=True)
    if symbols.returncode != 0 or " .symtab " not in symbols.stdout:
        return f"{nccl} has no symbol table"
    alone = subprocess.run([*as_root(), *NAMESPACES, "sh", "-c", "hostname pretended0 && mount --bind /tmp /sys/class"],
                           capture_output=True, text=True)
    return "" if alone.returncode == 0 else f"namespaces are forbidden: {alone.stderr.strip()}"


def library_of(program, name):
    """The path that the loader gives a library of the program, or None."""
    listed = subprocess.run(["ldd", program], capture_output=True, text=True).stdout
    found = re.search(rf"{re.escape(name)} => (\S+)", listed)
    return found.group(1) if found else None


def write_sysfs(folder, machine, link_layer, missing=None):
    """Adapters as /sys/class shows them, but for the missing one, in folder, beside this host's own interfaces."""
    (folder / "net").mkdir(parents=True)
    for interface in pathlib.Path("/sys/class/net").iterdir():
        (folder / "net" / interface.name).symlink_to(interface.resolve())
    pci_of = {net.get("name"): pci.get("busid")
              for pci in xml.etree.ElementTree.parse(TOPOLOGY[machine]).iter("pci") for net in pci.findall("nic/net")}
    layers = dict.fromkeys(pci_of, "Ethernet" if link_layer == "ethernet" else "InfiniBand")
    if link_layer == "storage":
        pci_of["mlx5_8"], layers["mlx5_8"] = "0000:e2:00.0", "Ethernet"
    pci_of.pop(f"mlx5_{missing}", None)
    for name, pci in pci_of.items():
        adapter = folder / "infiniband" / name
        port = adapter / "ports" / "1"
        port.mkdir(parents=True)
        (folder / "pci" / pci).mkdir(parents=True)
        (adapter / "device").symlink_to(f"../../pci/{pci}")
        (adapter / "fw_ver").write_text("0.0.0\n")
        (adapter / "board_id").write_text("pretended\n")
        (port / "rate").write_text(("100 Gb/sec (4X EDR)" if layers[name] == "Ethernet" and link_layer == "storage"
                                    else PORT_RATE[machine]) + "\n")
        (port / "state").write_text("4: ACTIVE\n")
        (port / "link_layer").write_text(layers[name] + "\n")


def write_gpus(folder, machine):
    """GPUs as /sys/bus/pci/devices shows them, in the folder that stands for /sys/class, each below a root of its own."""
    (folder / "gpus").mkdir()
    for pci in xml.etree.ElementTree.parse(TOPOLOGY[machine]).iter("pci"):
        if pci.get("class", "").startswith("0x0302"):
            address = pci.get("busid")
            device = pathlib.Path("devices") / f"pci{address[:7]}" / address
            (folder / device).mkdir(parents=True)
            for name, value in (("vendor", "0x10de"), ("class", pci.get("class")), ("numa_node", "0")):
                (folder / device / name).write_text(value + "\n")
            (folder / "gpus" / address).symlink_to("/sys/class" / device)


class Machine:
    """Pretended nodes of one kind: machine is a100 or h100, link_layer infiniband, ethernet or storage (InfiniBand, and
    one Ethernet RDMA port beside it); missing holds the number of the adapter that a node lacks, by the node's."""

    def __init__(self, folder, libraries, machine, nodes=1, link_layer="infiniband", gpu_direct=True, missing=None):
        self.folder, libraries, self.nodes = pathlib.Path(folder), pathlib.Path(libraries), nodes
        self.sysfs = self.folder / "sys_class"
        self.missing = missing or {}
        shutil.rmtree(self.sysfs, ignore_errors=True)
        for node in range(nodes):
            write_sysfs(self.sysfs / str(node), machine, link_layer, self.missing.get(node))
        kept = {name: value for name, value in os.environ.items()
                if not name.startswith(("NCCL_", "CUDA_", "HOCKNEY_DOUBLE_", "PMI_"))}
        self.environment = {
            **kept, "LD_LIBRARY_PATH": str(libraries), "LD_PRELOAD": str(libraries / "libpatience.so"),
            "TMPDIR": str(folder),
            "HOCKNEY_PRETENDED_MACHINE": machine, "HOCKNEY_PRETENDED_LINK_LAYER": link_layer,
            "HOCKNEY_PRETENDED_GPUDIRECT": "1" if gpu_direct else "0",
            "NCCL_TOPO_FILE": str(TOPOLOGY[machine]), "NCCL_SOCKET_IFNAME": "lo", "NCCL_GIN_TYPE": "2",
            "NCCL_RAS_ENABLE": "0", "MPIR_CVAR_POLLS_BEFORE_YIELD": "1",
        }

    def run(self, *command, ranks_per_node=RANKS_PER_NODE, timeout=120, **variables):
        hosts = ",".join(f"pretended{node}:{ranks_per_node}" for node in range(self.nodes))
        launch = [*as_root(), "mpiexec", "-launcher", "fork", "-hosts", hosts]
        for node in range(self.nodes):
            launch += [":"] if node > 0 else []
            launch += ["-n", str(ranks_per_node), *NAMESPACES, "sh", "-c", ENTER_NODE, str(self.sysfs), str(node),
                       str(self.missing.get(node, "")), *map(str, command)]
        return subprocess.run(launch, capture_output=True, text=True, timeout=timeout,
                              env={**self.environment, **variables})

    def run_with_debug_lines(self, *command, subsystems="INIT,TUNING", **options):
        """The result, and the lines of NCCL's debug output of every process by host name."""
        for old in self.folder.glob("nccl.*"):
            old.unlink()
        result = self.run(*command, NCCL_DEBUG="INFO", NCCL_DEBUG_SUBSYS=subsystems,
                          NCCL_DEBUG_FILE=str(self.folder / "nccl.%h.%p"), **options)
        lines = {}
        for path in sorted(self.folder.glob("nccl.*")):
            lines.setdefault(path.name.split(".")[1], []).extend(path.read_text(errors="replace").splitlines())
        return result, lines
