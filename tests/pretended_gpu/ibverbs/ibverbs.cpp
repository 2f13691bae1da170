#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <infiniband/verbs.h>
#include <string_view>
#include <unistd.h>

#include "fault.hpp"
#include "machine.hpp"

// Adapters that connect and never carry a byte. HOCKNEY_PRETENDED_LINK_LAYER: infiniband or ethernet, or storage: those
// of InfiniBand and one RDMA port of Ethernet beside them. HOCKNEY_PRETENDED_GPUDIRECT=0: adapters cannot read GPU
// memory.

#undef ibv_query_port  // the header turns these into functions of its own
#undef ibv_reg_mr

namespace {

using hockney::pretended_gpu::adapters_per_node;
using hockney::pretended_gpu::machine;

std::string_view setting(const char* name, std::string_view otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : text;
}

bool has_storage_port() { return setting("HOCKNEY_PRETENDED_LINK_LAYER", "infiniband") == "storage"; }
int number_of_adapters() { return adapters_per_node + (has_storage_port() ? 1 : 0); }

bool is_ethernet(int adapter) {
  return adapter == adapters_per_node || setting("HOCKNEY_PRETENDED_LINK_LAYER", "infiniband") == "ethernet";
}

struct Adapter {
  ibv_device device{};
  int index = 0;
};

Adapter& adapter(int index) {
  static auto& all = *new std::array<Adapter, adapters_per_node + 1>;
  Adapter& one = all[static_cast<std::size_t>(index)];
  one.index = index;
  one.device.node_type = IBV_NODE_CA;
  one.device.transport_type = IBV_TRANSPORT_IB;
  std::snprintf(one.device.name, sizeof one.device.name, "mlx5_%d", index);
  std::snprintf(one.device.ibdev_path, sizeof one.device.ibdev_path, "/sys/class/infiniband/mlx5_%d", index);
  return one;
}

int index_of(const ibv_context* context) { return reinterpret_cast<const Adapter*>(context->device)->index; }

// Differs between hosts, as real ones do
std::uint64_t guid_of(int index) {
  std::array<char, 65> host{};
  ::gethostname(host.data(), host.size() - 1);
  return std::hash<std::string_view>{}(host.data()) << 8 | static_cast<std::uint64_t>(index);
}

int poll_nothing(ibv_cq*, int, ibv_wc*) { return 0; }
int take_send(ibv_qp*, ibv_send_wr*, ibv_send_wr**) { return 0; }
int take_receive(ibv_qp*, ibv_recv_wr*, ibv_recv_wr**) { return 0; }

ibv_mr* new_region(ibv_pd* domain, void* address, std::size_t size) {
  static std::uint32_t key = 0;
  auto* region = new ibv_mr{};
  region->context = domain->context;
  region->pd = domain;
  region->addr = address;
  region->length = size;
  region->lkey = region->rkey = ++key;
  return region;
}

template <class T>
int end(T* object) {
  delete object;
  return 0;
}

}  // namespace

extern "C" {

ibv_device** ibv_get_device_list(int* count) {
  auto** list = new ibv_device*[adapters_per_node + 2]();
  *count = 0;
  for (int index = 0; index < number_of_adapters(); ++index) {
    if (hockney::pretended_gpu::has_adapter(index)) {
      list[(*count)++] = &adapter(index).device;
    }
  }
  return list;
}

void ibv_free_device_list(ibv_device** list) { delete[] list; }
const char* ibv_get_device_name(ibv_device* device) { return device->name; }
int ibv_fork_init() { return 0; }
const char* ibv_event_type_str(ibv_event_type) { return "an event"; }

ibv_context* ibv_open_device(ibv_device* device) {
  auto* context = new ibv_context{};
  context->device = device;
  context->ops.poll_cq = &poll_nothing;
  context->ops.post_send = &take_send;
  context->ops.post_recv = &take_receive;
  context->async_fd = -1;
  return context;
}

int ibv_close_device(ibv_context* context) { return end(context); }

// NCCL waits here on a thread of its own for something to happen to an adapter.
int ibv_get_async_event(ibv_context*, ibv_async_event*) {
  while (true) {
    ::pause();
  }
}
void ibv_ack_async_event(ibv_async_event*) {}

int ibv_query_device(ibv_context* context, ibv_device_attr* attributes) {
  *attributes = {};
  attributes->node_guid = attributes->sys_image_guid = guid_of(index_of(context));
  attributes->vendor_id = 0x15b3;
  attributes->vendor_part_id = 4129;
  attributes->phys_port_cnt = 1;
  attributes->max_qp = attributes->max_cq = attributes->max_mr = 1 << 20;
  attributes->max_mr_size = UINT64_MAX;
  attributes->max_qp_wr = attributes->max_cqe = 1 << 15;
  attributes->max_sge = 30;
  return 0;
}

int ibv_query_port(ibv_context* context, std::uint8_t, _compat_ibv_port_attr* given) {
  auto* attributes = reinterpret_cast<ibv_port_attr*>(given);
  const bool ethernet = is_ethernet(index_of(context));
  attributes->state = IBV_PORT_ACTIVE;
  attributes->max_mtu = attributes->active_mtu = IBV_MTU_4096;
  attributes->gid_tbl_len = 4;
  attributes->lid = ethernet ? 0 : static_cast<std::uint16_t>(1 + index_of(context));
  attributes->active_width = 2;  // four lanes
  attributes->active_speed = machine().port_speed;
  attributes->link_layer = ethernet ? IBV_LINK_LAYER_ETHERNET : IBV_LINK_LAYER_INFINIBAND;
  return 0;
}

int ibv_query_gid(ibv_context* context, std::uint8_t, int, ibv_gid* gid) {
  gid->global.subnet_prefix = 0x80fe;  // fe80::, in the network's order of bytes
  gid->global.interface_id = guid_of(index_of(context));
  return 0;
}

int ibv_query_pkey(ibv_context*, std::uint8_t, int, __be16* key) {
  *key = 0xffff;  // the default partition
  return 0;
}

ibv_pd* ibv_alloc_pd(ibv_context* context) { return new ibv_pd{context, 0}; }
int ibv_dealloc_pd(ibv_pd* domain) { return end(domain); }

ibv_mr* ibv_reg_mr(ibv_pd* domain, void* address, std::size_t size, int) { return new_region(domain, address, size); }

ibv_mr* ibv_reg_mr_iova2(ibv_pd* domain, void* address, std::size_t size, std::uint64_t, unsigned int) {
  return new_region(domain, address, size);
}

// NCCL tries one without a file: an error other than these two says that the adapter can do it.
ibv_mr* ibv_reg_dmabuf_mr(ibv_pd* domain, std::uint64_t, std::size_t size, std::uint64_t address, int file, int) {
  if (file < 0) {
    errno = setting("HOCKNEY_PRETENDED_GPUDIRECT", "1") == "0" ? EOPNOTSUPP : EBADF;
    return nullptr;
  }
  return new_region(domain, reinterpret_cast<void*>(address), size);
}

int ibv_dereg_mr(ibv_mr* region) { return end(region); }

ibv_cq* ibv_create_cq(ibv_context* context, int size, void* user, ibv_comp_channel*, int) {
  auto* queue = new ibv_cq{};
  queue->context = context;
  queue->cq_context = user;
  queue->cqe = size;
  return queue;
}
int ibv_destroy_cq(ibv_cq* queue) { return end(queue); }

ibv_qp* ibv_create_qp(ibv_pd* domain, ibv_qp_init_attr* attributes) {
  static std::uint32_t number = 0;
  auto* pair = new ibv_qp{};
  pair->context = domain->context;
  pair->pd = domain;
  pair->send_cq = attributes->send_cq;
  pair->recv_cq = attributes->recv_cq;
  pair->qp_num = ++number;
  pair->qp_type = attributes->qp_type;
  return pair;
}
int ibv_destroy_qp(ibv_qp* pair) { return end(pair); }

int ibv_modify_qp(ibv_qp* pair, ibv_qp_attr* attributes, int mask) {
  if ((mask & IBV_QP_STATE) != 0) {
    pair->state = attributes->qp_state;
  }
  return 0;
}

int ibv_query_qp(ibv_qp* pair, ibv_qp_attr* attributes, int, ibv_qp_init_attr* initial) {
  *attributes = {};
  *initial = {};
  attributes->qp_state = pair->state;
  return 0;
}

int ibv_query_ece(ibv_qp*, ibv_ece*) { return EOPNOTSUPP; }
int ibv_set_ece(ibv_qp*, ibv_ece*) { return EOPNOTSUPP; }
}
