#include "record/software.hpp"

#include <gtest/gtest.h>

namespace hockney::inline record {
namespace {

TEST(Software, NamesVersionsAndThenSettings) {
  EXPECT_EQ(software_of({{"version.nccl", "2.27.3"},
                         {"version.nvidia_driver", "570.86.15"},
                         {"version.cuda_driver", "12.8"},
                         {"version.mpi", "MPICH Version: 4.0.2"},
                         {"version.hdf5", "1.10.8"},
                         {"env.NCCL_NVLS_ENABLE", "0"},
                         {"env.NCCL_IB_HCA", "mlx5_0,mlx5_1"},
                         {"env.UCX_TLS", "rc"},
                         {"env.SLURM_JOB_ID", "7"},
                         {"cpu.model", "any"}}),
            "nccl:2.27.3,driver:570.86.15,mpi:MPICH-4.0.2,NCCL_IB_HCA:mlx5_0;mlx5_1,NCCL_NVLS_ENABLE:0,UCX_TLS:rc");
}

TEST(Software, IsWhatAnImportedLogTells) {
  EXPECT_EQ(software_of({{"nccl.version", "2.29.7+cuda12.9"}, {"gpu.model", "NVIDIA B200"}}), "nccl:2.29.7+cuda12.9");
  EXPECT_EQ(software_of({{"setting.nccl_tests.cta_policy", "2"}, {"env.NCCL_ALGO", "Ring"}}),
            "NCCL_ALGO:Ring,nccl_tests.cta_policy:2");
  EXPECT_EQ(software_of({}), "");
  EXPECT_EQ(software_of({{"version.mpi", "Open MPI v4.1.4, package: Debian OpenMPI\n"}}), "mpi:Open-MPI-v4.1.4");
}

TEST(Software, VersionsStandWithoutTheSettings) {
  EXPECT_EQ(versions_in("nccl:2.27.3,mpi:MPICH-4.0.2,FI_PROVIDER:cxi,NCCL_NET:AWS Libfabric"),
            "nccl:2.27.3,mpi:MPICH-4.0.2");
  EXPECT_EQ(versions_in("NCCL_ALGO:Ring"), "");
}

TEST(Software, LeavesOutWhatOnlyLogsOrNames) {
  for (const char* variable : {"NCCL_DEBUG", "NCCL_DEBUG_FILE", "NCCL_TOPO_DUMP_FILE", "NCCL_HOSTID", "UCX_LOG_LEVEL",
                               "MPIR_CVAR_CH3_INTERFACE_HOSTNAME", "FI_LOG_LEVEL", "NCCL_VERSION", "MPICH_DIR",
                               "SLURM_JOB_ID", "HYDRA_HOST_FILE", "OMPI_MCA_orte_hnp_uri"}) {
    EXPECT_FALSE(is_setting(variable)) << variable;
  }
  for (const char* variable :
       {"NCCL_NVLS_ENABLE", "NCCL_ALGO", "NCCL_IB_HCA", "NCCL_TOPO_FILE", "UCX_NET_DEVICES",
        "MPICH_GPU_SUPPORT_ENABLED", "MPIR_CVAR_ENABLE_GPU", "FI_PROVIDER", "OMPI_MCA_btl_tcp_if_include"}) {
    EXPECT_TRUE(is_setting(variable)) << variable;
  }
}

TEST(Software, IsToldApartByTheFactsThatNotAllHave) {
  const std::vector<std::string> software{"nccl:2.27.3,NCCL_NVLS_ENABLE:0", "nccl:2.27.3", "nccl:2.27.3,UCX_TLS:rc"};
  EXPECT_EQ(differences(software), (std::vector<std::string>{"NCCL_NVLS_ENABLE:0", "none of these", "UCX_TLS:rc"}));
  EXPECT_EQ(differences(std::vector<std::string>{"", "mpi:MPICH-4.0.2"}),
            (std::vector<std::string>{"none of these", "mpi:MPICH-4.0.2"}));
}

TEST(Software, LaterVersionsAndFewerSettingsArePreferred) {
  EXPECT_TRUE(is_preferred_software("nccl:2.27", "nccl:2.9"));
  EXPECT_TRUE(is_preferred_software("nccl:2.27", "nccl:2.27,NCCL_ALGO:Ring"));
  EXPECT_TRUE(is_preferred_software("nccl:2.27,NCCL_ALGO:Ring", "nccl:2.9"));
  EXPECT_TRUE(is_preferred_software("nccl:2.9", ""));
  EXPECT_FALSE(is_preferred_software("nccl:2.9", "nccl:2.9"));
}

}  // namespace
}  // namespace hockney::inline record
